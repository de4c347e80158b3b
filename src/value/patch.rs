//! Patches of fields.

/// Applies a patch to a field: absent and `null` both leave it unchanged, as nearly everywhere in the API.
pub(crate) fn overwrite<T>(field: &mut Option<T>, new: Option<T>) {
    if new.is_some() {
        *field = new;
    }
}
