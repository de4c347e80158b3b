//! A body received in parts.

use bytes::{Bytes, BytesMut};

/// The received parts. A body in a single part, the usual case, is not copied.
#[derive(Default)]
pub(super) struct Chunks {
    first: Bytes,
    /// All parts, once there is more than one.
    joined: BytesMut,
}

impl Chunks {
    /// Parts of a body of known length.
    pub(super) fn of(length: usize) -> Self {
        Self { first: Bytes::new(), joined: BytesMut::with_capacity(length) }
    }

    pub(super) fn len(&self) -> usize {
        self.first.len().max(self.joined.len())
    }

    pub(super) fn push(&mut self, part: Bytes) {
        if self.len() == 0 {
            self.first = part;
            return;
        }
        if self.joined.is_empty() {
            self.joined.extend_from_slice(&self.first);
        }
        self.joined.extend_from_slice(&part);
    }

    pub(super) fn join(self) -> Bytes {
        match self.joined.len() {
            0 => self.first,
            // Spare capacity would be held as long as the body.
            len if self.joined.capacity() > len + len / 8 => Bytes::copy_from_slice(&self.joined),
            _ => self.joined.freeze(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_joined_in_their_order() {
        for (arrived, whole) in [(&[][..], ""), (&["ab"], "ab"), (&["", "a", "", "bc", "d"], "abcd")] {
            let mut parts = Chunks::default();
            for part in arrived {
                parts.push(Bytes::from_static(part.as_bytes()));
            }
            assert_eq!(parts.len(), whole.len());
            assert_eq!(parts.join(), whole);
        }
    }
}
