//! One text for a run.

use std::{hash::Hasher, sync::Arc};

use siphasher::sip128::{Hasher128, SipHasher24};

use crate::world::{call::Call, outbox::Delivery};

/// The digest of what was asked, answered and told. Left out is what depends on the machine: headers, latencies, and where
/// webhooks go, whose ports are often chosen anew.
pub(super) fn of(calls: &[Arc<Call>], deliveries: &[Delivery]) -> String {
    let mut hasher = SipHasher24::new();
    let mut add = |part: &[u8]| {
        hasher.write(&(part.len() as u64).to_be_bytes());
        hasher.write(part);
    };
    for call in calls {
        add(call.request.method.as_str().as_bytes());
        add(call.request.head.target().as_bytes());
        add(&call.request.body);
        add(call.fault.get().map_or("", |fault| &**fault).as_bytes());
        if let Some(answer) = call.answer.get() {
            add(&answer.status.as_u16().to_be_bytes());
            add(&answer.body);
        }
    }
    for delivery in deliveries {
        add(delivery.event.as_bytes());
        add(&delivery.body);
    }
    format!("{:032x}", hasher.finish128().as_u128())
}
