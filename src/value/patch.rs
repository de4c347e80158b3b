//! What patches do to fields.

/// What a change of a field means: absent and `null` leave it as it is, as nearly everywhere in the API.
pub(crate) fn overwrite<T>(field: &mut Option<T>, new: Option<T>) {
    if new.is_some() {
        *field = new;
    }
}
