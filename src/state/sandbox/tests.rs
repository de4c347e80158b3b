//! Tests of repeated and concurrent writes to a sandbox, and of the signals they send.

use std::collections::BTreeSet;

use tokio::sync::{mpsc, watch};

use super::*;
use crate::{
    resource::lead::document::Lead,
    state::{
        event::EventName,
        tables::{Collection, Tables},
        world::{Settings, World},
    },
    value::Timestamp,
};

/// A world with one project.
fn world(signals: Option<Signals>) -> (World, Id<Project>) {
    let (mut tables, id) = (Tables::default(), Id::parse("5b55e806c93dde00143163dd").expect("24 digits"));
    let project = Project::new(id, "Project".into(), "system".into(), Timestamp::from_milliseconds(0));
    Project::table_mut(&mut tables).put(project).expect("the table is empty");
    (World::new(tables, Settings::of(ClockSetting::Real), signals), id)
}

/// Memtables are merged concurrently with writes, without losing rows.
#[test]
fn concurrent_writes_and_merges_lose_nothing() {
    const THREADS: usize = 4;
    const ROWS: usize = 1_500;
    let (world, project) = world(None);
    let sandbox = world.default_sandbox();
    let name = |thread: usize, row: usize| format!("{thread} {row}");
    let write = |thread: usize| {
        for row in 0..ROWS {
            let put = sandbox.write(Some(project), |tx| {
                let (id, now) = (tx.new_id(), tx.now());
                tx.put(Lead::new(id, name(thread, row).into(), project, "system".into(), now))
            });
            let lead = put.expect("ids are unique");
            assert!(sandbox.state().tables.leads.get(lead.value().id).is_some(), "visible immediately");
            // Some threads query more than IDs, and some modify existing rows.
            if row % 400 == 100 * thread {
                assert_eq!(sandbox.state().tables.leads.count(Lead::by_lead_id(project, &name(thread, row))), 1);
                sandbox.write(Some(project), |tx| tx.put(lead.value().into_owned())).expect("the lead exists");
            }
        }
    };
    thread::scope(|threads| (0..THREADS).for_each(|thread| drop(threads.spawn(move || write(thread)))));
    let leads = &sandbox.state().tables.leads;
    assert_eq!(leads.len(), THREADS * ROWS);
    for thread in 0..THREADS {
        assert!((0..ROWS).all(|row| leads.count(Lead::by_lead_id(project, &name(thread, row))) == 1));
    }
}

/// A state is reused as the buffer of the next but one unless a reader holds it, and held states do not change.
#[test]
fn held_states_are_immutable() {
    let (world, project) = world(None);
    let sandbox = world.default_sandbox();
    let put = |tx: &mut Tx| {
        let (id, ticket, now) = (tx.new_id(), tx.next_ticket(), tx.now());
        tx.put(Lead::new(id, ticket.to_string().into(), project, "system".into(), now)).map(|lead| (lead, ticket))
    };
    for round in 0..2 {
        let (mut ids, mut held) = (BTreeSet::new(), Vec::new());
        for number in 1..=20 {
            let before = sandbox.state().revision;
            let (lead, ticket) = sandbox.write(Some(project), put).expect("ids are unique");
            let state = sandbox.state.load_full();
            assert_eq!((state.revision, ticket), (before + 1, number), "round {round}");
            assert!(ids.insert(lead.value().id), "ids are unique");
            assert!(ids.iter().all(|id| state.tables.leads.get(*id).is_some()));
            if number % 3 > 0 {
                held.push((state, number));
            }
            if number % 4 == 0 {
                let failed = sandbox.write(Some(project), |tx| put(tx).and(Err::<(), _>(Error::INTERNAL)));
                assert!(failed.is_err() && sandbox.state().tables.leads.len() == number as usize);
            }
        }
        assert!(held.iter().all(|(state, number)| state.tables.leads.len() == *number as usize));
        sandbox.reset();
        assert_eq!(sandbox.state().tables.leads.len(), 0);
    }
}

#[test]
fn only_commits_with_potential_receivers_are_signaled() {
    for (clients, may_be_told) in [(0, false), (1, false), (0, true)] {
        let (sender, mut signalled) = mpsc::unbounded_channel();
        let listeners = watch::Sender::new(clients).subscribe();
        let told: fn(&State, &Event) -> bool = if may_be_told { |_, _| true } else { |_, _| false };
        let signals = Signals { sender, listeners, may_be_told: told };
        let (world, project) = world(Some(signals));
        let written = world.default_sandbox().write(Some(project), |tx| {
            let lead = Lead::new(tx.new_id(), "a".into(), project, "system".into(), tx.now());
            let lead = tx.put(lead)?;
            tx.emit(EventName::LeadCreate, &lead);
            Ok(())
        });
        assert!(written.is_ok());
        let wanted = clients > 0 || may_be_told;
        let pending = world.default_sandbox().outbox.has_signals();
        assert_eq!((signalled.try_recv().is_ok(), pending), (wanted, wanted));
    }
}
