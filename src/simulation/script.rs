//! Scripts: the acts of a conversation and their times.

use super::{
    chance::Chance,
    language::{Language, Phrases, Topic},
};

/// The course of a conversation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Course {
    /// An agent helps immediately.
    Served,
    /// A bot helps.
    Automated,
    /// No one is at work; an agent helps the next morning.
    Overnight,
    /// The visitor waits for an agent.
    Waiting,
    /// An agent is helping.
    Ongoing,
}

/// The script of a conversation.
#[derive(Clone, Debug)]
pub(super) struct Script {
    pub(super) language: Language,
    /// Whether the visitor chooses a department with a bot.
    pub(super) bot: bool,
    pub(super) page: &'static str,
    pub(super) steps: Vec<Step>,
}

/// An act, and the milliseconds since the previous one: whole seconds.
#[derive(Clone, Debug)]
pub(super) struct Step {
    pub(super) after: i64,
    pub(super) act: Act,
}

/// An act of a person or a bot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Act {
    /// The visitor writes. The first message opens the conversation.
    Ask(String),
    /// The agent writes, after joining if there is none yet.
    Answer(String),
    /// The visitor types.
    Type,
    /// The agent types.
    TypeAnswer,
    /// The bot hands the conversation over to an agent.
    HandOver,
    /// The agent adds a tag.
    Tag(String),
    /// The agent closes the conversation.
    Close,
    /// The visitor closes the conversation.
    Leave,
    /// The visitor rates the conversation.
    Rate(u8, Option<String>),
}

const PAGES: [&str; 6] = [
    "https://shop.example.com/",
    "https://shop.example.com/cart",
    "https://shop.example.com/orders",
    "https://shop.example.com/pricing",
    "https://shop.example.com/account",
    "https://shop.example.com/help",
];

const SECOND: i64 = 1_000;
const HOUR: i64 = 3_600 * SECOND;

impl Script {
    /// The script of a conversation with this course.
    pub(super) fn new(course: Course, language: Language, chance: &mut Chance) -> Self {
        let phrases = language.phrases();
        let topic = chance.pick(&phrases.topics);
        let number = chance.between(1_042..=9_871).to_string();
        let bot = match course {
            Course::Automated => true,
            Course::Served | Course::Overnight | Course::Ongoing => chance.percent(40),
            Course::Waiting => false,
        };
        let mut writer = Writer { phrases, topic, number, chance: &mut *chance, steps: Vec::new() };
        writer.ask(|topic| &topic.questions, 0..=0);
        match course {
            Course::Served => writer.serve(bot),
            Course::Automated => writer.automate(),
            Course::Overnight => writer.wait_for_the_morning(bot),
            Course::Waiting => {
                if writer.chance.percent(50) {
                    writer.ask(|topic| &topic.details, 20..=90);
                }
            }
            Course::Ongoing => writer.begin(bot),
        }
        let steps = writer.steps;
        Self { language, bot, page: *chance.pick::<&str>(&PAGES), steps }
    }

    /// The script for live activity: faster, and with typing.
    pub(super) fn live(self) -> Self {
        let live = |Step { after, act }: Step| {
            let after = (after / 6).clamp(0, 40 * SECOND) / SECOND * SECOND;
            let typing = match &act {
                Act::Ask(_) if after > 2 * SECOND => Some(Act::Type),
                Act::Answer(_) if after > 2 * SECOND => Some(Act::TypeAnswer),
                _ => None,
            };
            let rest = if typing.is_some() { 2 * SECOND } else { after.max(SECOND) };
            let typing = typing.map(|act| Step { after: after - 2 * SECOND, act });
            typing.into_iter().chain([Step { after: rest, act }])
        };
        Self { steps: self.steps.into_iter().flat_map(live).collect(), ..self }
    }
}

/// Writes a script.
struct Writer<'a> {
    phrases: &'static Phrases,
    topic: &'static Topic,
    number: String,
    chance: &'a mut Chance,
    steps: Vec<Step>,
}

impl Writer<'_> {
    fn add(&mut self, act: Act, seconds: std::ops::RangeInclusive<i64>) {
        let after = self.chance.between(seconds) * SECOND;
        self.steps.push(Step { after, act });
    }

    fn text(&self, text: &str) -> String {
        text.replace("{number}", &self.number)
    }

    fn ask(
        &mut self,
        texts: impl FnOnce(&'static Topic) -> &'static Vec<String>,
        after: std::ops::RangeInclusive<i64>,
    ) {
        let text = self.chance.pick::<String>(texts(self.topic));
        let text = self.text(text);
        self.add(Act::Ask(text), after);
    }

    fn answer(&mut self, text: &str, after: std::ops::RangeInclusive<i64>) {
        let text = self.text(text);
        self.add(Act::Answer(text), after);
    }

    /// An agent joins and greets the visitor.
    fn begin(&mut self, bot: bool) {
        if bot {
            let text = self.chance.pick(&self.phrases.transfers).clone();
            self.add(Act::Ask(text), 15..=60);
            self.add(Act::HandOver, 1..=3);
        }
        let text = self.chance.pick(&self.phrases.openers).clone();
        // Most visitors wait for a short time, and some for a long one.
        let wait = if self.chance.percent(80) { 12..=180 } else { 180..=1_500 };
        self.answer(&text, wait);
        self.ask(|topic| &topic.details, 15..=120);
    }

    fn serve(&mut self, bot: bool) {
        self.begin(bot);
        let count = 1 + self.chance.weighted(&[3, 4, 2]);
        for reply in self.topic.replies.iter().take(count) {
            self.answer(reply, 20..=240);
            if self.chance.percent(35) {
                self.ask(|topic| &topic.details, 15..=120);
            }
        }
        self.end(30..=120);
    }

    fn automate(&mut self) {
        if self.chance.percent(30) {
            self.ask(|topic| &topic.questions, 20..=90);
        }
        self.add(Act::Leave, 20..=150);
        self.rate(25);
    }

    fn wait_for_the_morning(&mut self, bot: bool) {
        self.ask(|topic| &topic.details, 30..=300);
        if bot {
            self.add(Act::HandOver, 1..=3);
        }
        self.add(Act::Answer(self.topic.replies[1].clone()), 8 * HOUR / SECOND..=13 * HOUR / SECOND);
        self.end(60..=5_400);
    }

    /// Thanks, tags, the end, and perhaps a rating.
    fn end(&mut self, after: std::ops::RangeInclusive<i64>) {
        let thanks = self.chance.pick(&self.phrases.thanks).clone();
        self.add(Act::Ask(thanks), after);
        let closing = self.chance.pick(&self.phrases.closings).clone();
        self.answer(&closing, 8..=60);
        self.add(Act::Tag(self.topic.tag.clone()), 2..=15);
        self.add(Act::Close, 3..=60);
        self.rate(60);
    }

    fn rate(&mut self, percent: u64) {
        if !self.chance.percent(percent) {
            return;
        }
        let rating = [1, 2, 3, 4, 5][self.chance.weighted(&[1, 1, 2, 6, 10])];
        let comments = if rating >= 4 { &self.phrases.praise } else { &self.phrases.complaints };
        let comment = self.chance.percent(40).then(|| self.chance.pick(comments).clone());
        self.add(Act::Rate(rating, comment), 3..=30);
    }
}
