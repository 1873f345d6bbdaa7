//! What a question means in time: expressions of dates, times of day and lengths, resolved against a clock.
//!
//! English as people type it. Where an expression has several readings all are kept, the likeliest first:
//! a model chooses among them.

mod calendar;
mod candidates;
mod civil;
mod clock;
mod day;
mod days;
mod durations;
mod hours;
mod meaning;
mod moment;
mod names;
pub(crate) mod numerals;
mod numeric;
mod offsets;
mod periods;
mod ranked;
mod resolve;
mod said;
mod tense;
mod times;
mod words;

pub use calendar::Date;
pub use candidates::{date_times, dates, times};
pub use meaning::{Meaning, Mention, mentions};
pub use moment::{Moment, NoMoment};
pub use offsets::{NoOffset, Offset, Offsets};
