//! Postings: the ordered row keys of a term, with their count and any page of them available without a scan.

use std::{mem::replace, sync::Arc};

use imbl::OrdMap;

use super::row_key::RowKey;

/// Maximum number of row keys per block. Pages deep inside the list skip whole blocks.
const BLOCK: usize = 512;

/// One or more row keys, in order.
type Block = Arc<Vec<RowKey>>;

/// A sorted set of row keys that can be counted, entered at any offset, and shared between versions.
#[derive(Clone)]
pub(super) enum Postings {
    /// The most common case, such as an email address; needs no allocation.
    One(RowKey),
    /// Up to [`BLOCK`] row keys.
    Few(Block),
    Many(Arc<Many>),
}

/// More row keys than fit into a block.
#[derive(Clone)]
pub(super) struct Many {
    len: usize,
    /// By their first row keys.
    blocks: OrdMap<RowKey, Block>,
    /// Kept out of the tree because rows usually arrive in order, so that most inserts only touch this block.
    last: Block,
}

impl Postings {
    /// Creates postings from row keys in any order; `None` if there are none.
    pub(super) fn of(places: impl IntoIterator<Item = RowKey>) -> Option<Self> {
        let mut places = places.into_iter();
        let mut postings = Self::One(places.next()?);
        places.for_each(|place| postings.insert(place));
        Some(postings)
    }

    pub(super) fn len(&self) -> usize {
        match self {
            Self::One(_) => 1,
            Self::Few(places) => places.len(),
            Self::Many(many) => many.len,
        }
    }

    pub(super) fn contains(&self, place: RowKey) -> bool {
        match self {
            Self::One(only) => *only == place,
            Self::Few(places) => places.binary_search(&place).is_ok(),
            Self::Many(many) => many.block(place).is_some_and(|block| block.binary_search(&place).is_ok()),
        }
    }

    /// The smallest row key.
    pub(super) fn first(&self) -> RowKey {
        match self {
            Self::One(only) => *only,
            Self::Few(places) => places[0],
            Self::Many(many) => many.blocks.get_min().map_or(&many.last, |(_, block)| block)[0],
        }
    }

    /// The number of row keys less than `place`.
    pub(super) fn rank(&self, place: RowKey) -> usize {
        match self {
            Self::One(only) => usize::from(*only < place),
            Self::Few(places) => places.partition_point(|known| *known < place),
            Self::Many(many) => {
                // Fast path: most ranges are open-ended.
                if many.last.last().is_none_or(|last| *last < place) {
                    return many.len;
                }
                let mut rank = 0;
                for block in many.blocks() {
                    if block.last().is_some_and(|last| *last >= place) {
                        return rank + block.partition_point(|known| *known < place);
                    }
                    rank += block.len();
                }
                rank
            }
        }
    }

    /// Inserts a row key, unless it is present.
    pub(super) fn insert(&mut self, place: RowKey) {
        match self {
            Self::One(only) if *only == place => {}
            Self::One(only) => *self = Self::Few(Arc::new(vec![(*only).min(place), (*only).max(place)])),
            Self::Few(places) => {
                if let Err(at) = places.binary_search(&place) {
                    if places.len() < BLOCK {
                        insert(places, at, place);
                    } else {
                        let mut many = Many { len: places.len(), blocks: OrdMap::new(), last: places.clone() };
                        many.insert(place);
                        *self = Self::Many(Arc::new(many));
                    }
                }
            }
            Self::Many(many) => Arc::make_mut(many).insert(place),
        }
    }

    /// Removes a row key. Returns true if none is left.
    pub(super) fn remove(&mut self, place: RowKey) -> bool {
        match self {
            Self::One(only) => *only == place,
            Self::Few(places) => {
                let places = Arc::make_mut(places);
                if let Ok(at) = places.binary_search(&place) {
                    places.remove(at);
                }
                if let [only] = places[..] {
                    *self = Self::One(only);
                    return false;
                }
                places.is_empty()
            }
            Self::Many(many) => {
                let many = Arc::make_mut(many);
                many.remove(place);
                many.len == 0
            }
        }
    }

    /// The row keys in ascending order, after the first `skip`.
    pub(super) fn ascending(&self, skip: usize) -> Box<dyn Iterator<Item = RowKey> + '_> {
        match self {
            Self::One(only) => Box::new(std::iter::once(*only).skip(skip)),
            Self::Few(places) => Box::new(places.iter().copied().skip(skip)),
            Self::Many(many) => {
                let mut blocks = many.blocks();
                let (first, skip) = enter(&mut blocks, skip);
                Box::new(first[skip..].iter().chain(blocks.flat_map(|block| block.iter())).copied())
            }
        }
    }

    /// The row keys in descending order, after the first `skip`.
    pub(super) fn descending(&self, skip: usize) -> Box<dyn Iterator<Item = RowKey> + '_> {
        match self {
            Self::One(only) => Box::new(std::iter::once(*only).skip(skip)),
            Self::Few(places) => Box::new(places.iter().rev().copied().skip(skip)),
            Self::Many(many) => {
                let mut blocks = many.blocks().rev();
                let (first, skip) = enter(&mut blocks, skip);
                let first = first[..first.len() - skip].iter().rev();
                Box::new(first.chain(blocks.flat_map(|block| block.iter().rev())).copied())
            }
        }
    }
}

/// Binary search, with a fast path for row keys beyond the end.
fn search_from_end(block: &Block, place: RowKey) -> Result<usize, usize> {
    if block.last().is_some_and(|last| *last < place) { Err(block.len()) } else { block.binary_search(&place) }
}

/// Inserts a row key into a block. A block shared with another version is copied.
fn insert(block: &mut Block, at: usize, place: RowKey) {
    if let Some(own) = Arc::get_mut(block) {
        own.insert(at, place);
    } else {
        let (before, after) = block.split_at(at);
        *block = Arc::new([before, &[place], after].concat());
    }
}

/// Splits a full block while inserting a row key, and returns the upper half.
fn halve(block: &mut Block, at: usize, place: RowKey) -> Block {
    let (lower, upper) = block.split_at(BLOCK / 2);
    let (mut lower, mut upper) = (Arc::new(lower.to_vec()), Arc::new(upper.to_vec()));
    match at.checked_sub(BLOCK / 2) {
        None => insert(&mut lower, at, place),
        Some(at) => insert(&mut upper, at, place),
    }
    *block = lower;
    upper
}

/// Skips whole blocks. Returns the block where the page starts, and the offset within it.
fn enter<'a>(blocks: &mut impl Iterator<Item = &'a Block>, mut skip: usize) -> (&'a [RowKey], usize) {
    for block in blocks {
        if skip < block.len() {
            return (block, skip);
        }
        skip -= block.len();
    }
    (&[], 0)
}

impl Many {
    fn blocks(&self) -> impl DoubleEndedIterator<Item = &Block> {
        self.blocks.values().chain([&self.last])
    }

    /// The only block that can contain a row key.
    fn block(&self, place: RowKey) -> Option<&Block> {
        if self.last[0] <= place { Some(&self.last) } else { self.blocks.get_prev(&place).map(|(_, block)| block) }
    }

    fn insert(&mut self, place: RowKey) {
        if self.last[0] <= place || self.blocks.is_empty() {
            let Err(at) = search_from_end(&self.last, place) else { return };
            if self.last.len() < BLOCK {
                insert(&mut self.last, at, place);
            } else {
                // On an append, keep the block full instead of splitting it.
                let upper = if at == BLOCK { Arc::new(vec![place]) } else { halve(&mut self.last, at, place) };
                let lower = replace(&mut self.last, upper);
                self.blocks.insert(lower[0], lower);
            }
        } else {
            let block = self.block(place).or_else(|| self.blocks.get_min().map(|(_, block)| block));
            let block = block.expect("there is at least one block");
            let Err(at) = block.binary_search(&place) else { return };
            let key = block[0];
            if at > 0 && block.len() < BLOCK {
                insert(self.blocks.get_mut(&key).expect("the key was just found"), at, place);
            } else {
                let mut block = self.blocks.remove(&key).expect("the key was just found");
                if block.len() < BLOCK {
                    insert(&mut block, at, place);
                } else {
                    let upper = halve(&mut block, at, place);
                    self.blocks.insert(upper[0], upper);
                }
                self.blocks.insert(block[0], block);
            }
        }
        self.len += 1;
    }

    fn remove(&mut self, place: RowKey) {
        let Some(block) = self.block(place) else { return };
        let Ok(at) = block.binary_search(&place) else { return };
        let (key, mut places) = (block[0], block.to_vec());
        places.remove(at);
        self.len -= 1;
        let in_last = key == self.last[0];
        if !in_last {
            self.blocks.remove(&key);
        }
        match (places.first(), in_last) {
            (Some(_), true) => self.last = Arc::new(places),
            (Some(first), false) => {
                self.blocks.insert(*first, Arc::new(places));
            }
            (None, true) => {
                let (last, blocks) = self.blocks.without_max();
                // If no block is left, the postings are empty and will be dropped.
                self.last = last.unwrap_or_default();
                self.blocks = blocks;
            }
            (None, false) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// A small linear congruential generator; its quality does not matter here.
    fn disorder(state: &mut u64) -> u64 {
        *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        *state >> 33
    }

    #[test]
    fn postings_agree_with_a_sorted_set() {
        for spread in [50, 3_000, 1_000_000] {
            let (mut state, mut model) = (7, BTreeSet::from([42]));
            let mut postings = Postings::One(42);
            for step in 0..6_000 {
                let place = disorder(&mut state) % spread;
                if disorder(&mut state).is_multiple_of(3) && model.len() > 1 {
                    model.remove(&place);
                    assert!(!postings.remove(place));
                } else {
                    model.insert(place);
                    postings.insert(place);
                }
                assert_eq!(postings.len(), model.len());
                assert_eq!(postings.contains(place), model.contains(&place));
                assert_eq!(Some(postings.first()), model.first().copied());
                assert_eq!(postings.rank(place), model.range(..place).count());
                let last = *model.last().expect("the set is not empty");
                assert_eq!((postings.rank(last), postings.rank(last + 1)), (model.len() - 1, model.len()));
                if step % 500 == 0 {
                    if let Postings::Many(many) = &postings {
                        assert!(many.blocks().all(|block| (1..=BLOCK).contains(&block.len())));
                    }
                    for skip in [0, 1, model.len() / 2, model.len() - 1, model.len(), model.len() + 5] {
                        let up: Vec<_> = model.iter().copied().skip(skip).collect();
                        let down: Vec<_> = model.iter().rev().copied().skip(skip).collect();
                        assert_eq!(postings.ascending(skip).collect::<Vec<_>>(), up);
                        assert_eq!(postings.descending(skip).collect::<Vec<_>>(), down);
                    }
                }
            }
            let last = model.len();
            for (at, place) in model.iter().enumerate() {
                assert_eq!(postings.remove(*place), at + 1 == last);
            }
        }
    }

    #[test]
    fn a_row_key_before_the_only_block_can_be_inserted() {
        let mut postings = Postings::One(2_000);
        (0..2_000).rev().for_each(|place| postings.insert(place));
        assert_eq!(postings.ascending(0).collect::<Vec<_>>(), (0..=2_000).collect::<Vec<_>>());
        (0..1_990).for_each(|place| assert!(!postings.remove(place)));
        postings.insert(5);
        let left: Vec<_> = [5].into_iter().chain(1_990..=2_000).collect();
        assert_eq!((postings.len(), postings.ascending(0).collect::<Vec<_>>()), (12, left), "before the only block");
    }

    #[test]
    fn a_clone_is_unaffected_by_later_changes() {
        let mut postings = Postings::One(0);
        (1..2_000).for_each(|place| postings.insert(place));
        let before = postings.clone();
        (0..1_500).for_each(|place| {
            postings.remove(place);
        });
        assert_eq!((before.len(), postings.len()), (2_000, 500));
        assert_eq!(before.ascending(0).collect::<Vec<_>>(), (0..2_000).collect::<Vec<_>>());
    }
}
