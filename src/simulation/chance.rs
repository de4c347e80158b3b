//! Pseudorandomness from a seed: the same draws in the same order produce the same results.

use std::{hash::Hash, ops::RangeInclusive};

use crate::value::id::derive;

/// A source of pseudorandom choices.
#[derive(Clone, Debug)]
pub(crate) struct Chance {
    seed: u64,
    drawn: u64,
}

impl Chance {
    /// Different purposes get independent sequences from the same seed.
    pub(crate) fn new(seed: u64, purpose: &impl Hash) -> Self {
        Self { seed: derive(seed, purpose), drawn: 0 }
    }

    pub(crate) fn draw(&mut self) -> u64 {
        self.drawn += 1;
        derive(self.seed, &self.drawn)
    }

    /// A number less than `limit`, which must be at least 1.
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.draw() % limit.max(1)
    }

    pub(crate) fn between(&mut self, range: RangeInclusive<i64>) -> i64 {
        let width = range.end().abs_diff(*range.start());
        range.start().saturating_add_unsigned(self.below(width.saturating_add(1)))
    }

    /// True in this percentage of cases.
    pub(crate) fn percent(&mut self, cases: u64) -> bool {
        self.below(100) < cases
    }

    /// One of the items.
    ///
    /// # Panics
    ///
    /// If there are none.
    pub(crate) fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        let place = self.below(items.len() as u64);
        &items[usize::try_from(place).unwrap_or_default()]
    }

    /// The position of one of the weights, with a probability proportional to it.
    pub(crate) fn weighted(&mut self, weights: &[u64]) -> usize {
        let mut left = self.below(weights.iter().sum());
        let place = weights.iter().position(|weight| {
            let is_here = left < *weight;
            left = left.saturating_sub(*weight);
            is_here
        });
        place.unwrap_or_default()
    }
}
