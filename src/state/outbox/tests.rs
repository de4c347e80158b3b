//! Tests of the limits of the outbox and its inboxes.

use super::*;

#[test]
fn the_log_is_bounded_but_all_deliveries_are_made() {
    let outbox = Outbox::new(1, Memory::new(usize::MAX));
    let letter = || Letter {
        event: "lead.create".into(),
        target: "http://a.example".into(),
        to: Recipient::Bot { id: outbox.new_id(Timestamp::from_milliseconds(0)) },
        body: Bytes::new(),
        hops: 1,
        call: None,
    };
    let all: Vec<_> = (0..DELIVERIES + 2).map(|_| outbox.add(letter())).collect();
    let numbers: Vec<_> = outbox.deliveries().iter().map(|delivery| delivery.number).collect();
    assert_eq!(numbers, (3..=DELIVERIES as u64 + 2).collect::<Vec<_>>());
    assert_eq!(outbox.pending(), DELIVERIES + 2);
    outbox.done(&all[0], DeliveryState::Delivered);
    outbox.done(&all[5], DeliveryState::Failed);
    assert_eq!(outbox.pending(), DELIVERIES, "whether still in the log or not");
    outbox.forget();
    outbox.done(&all[1], DeliveryState::Delivered);
    assert_eq!(outbox.pending(), 0, "deliveries from before the reset do not count");
}

#[test]
fn an_inbox_keeps_the_latest_calls() {
    let outbox = Outbox::new(1, Memory::new(usize::MAX));
    let call = |bytes: usize| Received {
        at: Timestamp::from_milliseconds(0),
        method: "POST".into(),
        headers: Vec::new(),
        body: vec![0; bytes].into(),
    };
    let sizes = || outbox.inbox("a").iter().filter_map(Weak::upgrade).map(|call| call.body.len()).collect::<Vec<_>>();
    (0..RECEIVED + 2).for_each(|bytes| outbox.receive("a", call(bytes)).expect("there is room"));
    assert_eq!(sizes(), (2..RECEIVED + 2).collect::<Vec<_>>(), "maximum number of calls");
    outbox.empty_inbox("a");
    let half = RECEIVED_BYTES / 2;
    for bytes in [half, half, 1, half] {
        outbox.receive("a", call(bytes)).expect("there is room");
    }
    assert_eq!(sizes(), [1, half], "maximum number of bytes");
}

#[test]
fn deliveries_can_be_paused_and_resumed() {
    let outbox = Outbox::new(1, Memory::new(usize::MAX));
    assert!(!outbox.is_paused());
    outbox.pause(true);
    assert!(outbox.is_paused());
    outbox.pause(false);
    assert!(!outbox.is_paused());
}
