//! Random sequences of calls, compared with a small model.

use proptest::{prelude::*, test_runner::Config};
use serde_json::{Value, json};

use super::{OTHER_BOT_USER, requests};
use crate::support::{
    App,
    seed::{ADMIN, AGENT, BOT_USER, OWNER, SALES},
};

/// Possible participants, by number; the last one does not exist.
const PEOPLE: [&str; 6] = [OWNER, ADMIN, AGENT, BOT_USER, OTHER_BOT_USER, "5ab0f3fa57066e0014b00000"];

/// The request IDs in use, by number.
const IDS: [&str; 3] = ["first", "second", "third"];

#[derive(Clone, Debug)]
enum Step {
    Create(usize, Vec<usize>),
    Add(usize, usize),
    Set(usize, Vec<usize>),
    Remove(usize, usize),
    Close(usize),
    Reopen(usize),
    Status(usize, u16),
    Delete(usize),
}

fn step() -> impl Strategy<Value = Step> {
    let people = || prop::collection::vec(0..PEOPLE.len(), 0..4);
    let (id, person) = (0..IDS.len(), 0..PEOPLE.len());
    prop_oneof![
        2 => (id.clone(), people()).prop_map(|(id, people)| Step::Create(id, people)),
        4 => (id.clone(), person.clone()).prop_map(|(id, person)| Step::Add(id, person)),
        3 => (id.clone(), people()).prop_map(|(id, people)| Step::Set(id, people)),
        3 => (id.clone(), person).prop_map(|(id, person)| Step::Remove(id, person)),
        1 => id.clone().prop_map(Step::Close),
        1 => id.clone().prop_map(Step::Reopen),
        1 => (id.clone(), prop::sample::select(vec![50, 100, 150, 200, 1000])).prop_map(|(id, to)| Step::Status(id, to)),
        1 => id.prop_map(Step::Delete),
    ]
}

/// A request in the model.
#[derive(Clone, Debug, PartialEq)]
struct Model {
    status: u64,
    participants: Vec<usize>,
    ticket: u64,
}

fn exists(person: usize) -> bool {
    person < PEOPLE.len() - 1
}

fn is_bot(person: usize) -> bool {
    PEOPLE[person].starts_with("bot_")
}

fn served(participants: &[usize]) -> u64 {
    if participants.is_empty() { 100 } else { 200 }
}

/// The distinct people of a list, or `None` if one of them does not exist.
fn known(people: &[usize]) -> Option<Vec<usize>> {
    let mut known = Vec::new();
    for person in people {
        if !exists(*person) {
            return None;
        }
        if !known.contains(person) {
            known.push(*person);
        }
    }
    Some(known)
}

/// Applies a step to the model, and returns the expected status.
fn expect(model: &mut [Option<Model>; 3], tickets: &mut u64, step: &Step) -> u16 {
    let (Step::Create(id, _) | Step::Add(id, _) | Step::Set(id, _) | Step::Remove(id, _)) = step else {
        let (Step::Close(id) | Step::Reopen(id) | Step::Status(id, _) | Step::Delete(id)) = step else {
            unreachable!("these are all steps")
        };
        let Some(request) = &mut model[*id] else { return 404 };
        match step {
            Step::Close(_) => request.status = 1000,
            Step::Reopen(_) if !matches!(request.status, 100 | 200) => request.status = 100,
            Step::Status(_, status) => request.status = u64::from(*status),
            Step::Delete(_) => model[*id] = None,
            _ => {}
        }
        return 200;
    };
    match (step, &mut model[*id]) {
        (Step::Create(_, people), place) => {
            // Whether the request exists is checked only after the people.
            let Some(participants) = known(people) else { return 422 };
            if place.is_some() {
                return 409;
            }
            *tickets += 1;
            *place = Some(Model { status: served(&participants), participants, ticket: *tickets });
        }
        (_, None) => return 404,
        (Step::Add(_, person), Some(_)) if !exists(*person) => return 422,
        (Step::Add(_, person), Some(request)) if !request.participants.contains(person) => {
            request.participants.push(*person);
            if !is_bot(*person) {
                request.participants.retain(|other| !is_bot(*other));
            }
            request.status = 200;
        }
        (Step::Set(_, people), Some(request)) => {
            let Some(participants) = known(people) else { return 422 };
            if participants != request.participants {
                request.status = served(&participants);
                request.participants = participants;
            }
        }
        (Step::Remove(_, person), Some(request)) if request.participants.contains(person) => {
            request.participants.retain(|other| other != person);
            if request.status != 1000 {
                request.status = served(&request.participants);
            }
        }
        _ => {}
    }
    200
}

async fn run(app: &App, step: &Step) -> u16 {
    let owner = app.owner();
    let names = |people: &[usize]| -> Value { people.iter().map(|person| PEOPLE[*person]).collect() };
    let path = |id: &usize, rest: &str| requests(&format!("/{}{rest}", IDS[*id]));
    let answer = match step {
        Step::Create(id, people) => {
            let mut body = json!({"first_text": "Hello", "request_id": IDS[*id], "participants": names(people)});
            if people.is_empty() {
                body["departmentid"] = json!(SALES);
            }
            owner.post(&requests(""), body).await
        }
        Step::Add(id, person) => owner.post(&path(id, "/participants"), json!({"member": PEOPLE[*person]})).await,
        Step::Set(id, people) => owner.put(&path(id, "/participants"), names(people)).await,
        Step::Remove(id, person) => owner.delete(&path(id, &format!("/participants/{}", PEOPLE[*person]))).await,
        Step::Close(id) => owner.put(&path(id, "/close"), json!({})).await,
        Step::Reopen(id) => owner.put(&path(id, "/reopen"), json!({})).await,
        Step::Status(id, status) => owner.patch(&path(id, ""), json!({"status": status})).await,
        Step::Delete(id) => owner.delete(&path(id, "")).await,
    };
    answer.status.as_u16()
}

/// A request of the fake, in terms of the model.
async fn shown(app: &App, id: &str) -> Option<Model> {
    let answer = app.owner().get(&requests(&format!("/{id}"))).await;
    if answer.status == 404 {
        return None;
    }
    let request = answer.json_of(200);
    let person = |name: &Value| PEOPLE.iter().position(|known| name == known).expect("a known participant");
    let participants: Vec<_> = request["participants"].as_array().expect("an array").iter().map(person).collect();
    let agents = participants.iter().filter(|person| !is_bot(**person)).count();
    assert_eq!(request["participantsAgents"].as_array().map(Vec::len), Some(agents));
    assert_eq!(request["participatingAgents"].as_array().map(Vec::len), Some(agents));
    assert_eq!(request["hasBot"], participants.iter().any(|person| is_bot(*person)));
    Some(Model {
        status: request["status"].as_u64().expect("a number"),
        participants,
        ticket: request["ticket_id"].as_u64().expect("a number"),
    })
}

proptest! {
    #![proptest_config(Config { cases: 96, failure_persistence: None, ..Config::default() })]

    #[test]
    fn the_fake_matches_the_model(steps in prop::collection::vec(step(), 1..40)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let app = App::new();
            // No one is available, so departments do not assign requests.
            let project = "/v3/projects/5b55e806c93dde00143163dd";
            let closed = json!({"activeOperatingHours": true, "operatingHours": "{\"tzname\":\"UTC\"}"});
            app.owner().put(project, closed).await.json_of(200);
            let (mut model, mut tickets) = ([const { None }; 3], 3);
            for step in &steps {
                assert_eq!(run(&app, step).await, expect(&mut model, &mut tickets, step), "{step:?}");
                for (id, expected) in IDS.iter().zip(&model) {
                    assert_eq!(shown(&app, id).await, *expected, "{id} after {step:?}");
                }
                let listed = app.owner().get(&requests("?status=all&limit=100")).await.json_of(200);
                let known = model.iter().flatten().count();
                assert_eq!(listed["count"], known + 3, "the default world has three");
            }
        });
    }
}
