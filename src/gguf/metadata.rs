//! The key-value part of a header.

use std::collections::HashMap;

use super::reader::{Reader, Stop};
use crate::{Error, Result};

/// What a key stands for.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A whole number, in whichever of the eight types.
    Integer(i128),
    /// A number of 32 or 64 bits.
    Float(f64),
    /// Yes or no.
    Bool(bool),
    /// A text.
    String(String),
    /// Values of one type.
    List(Vec<Value>),
}

/// The number of the type of lists.
const LIST: u32 = 9;

impl Value {
    /// The value of a type by its number, of lists too.
    fn read(reader: &mut Reader) -> Result<Self, Stop> {
        let kind = reader.u32()?;
        if kind != LIST {
            return Self::read_single(reader, kind);
        }
        let kind = reader.u32()?;
        let count = reader.count(1)?;
        (0..count)
            .map(|_| Self::read_single(reader, kind))
            .collect::<Result<_, _>>()
            .map(Self::List)
    }

    /// A value of the type `kind`, which is none of lists: no checkpoint has lists of lists.
    fn read_single(reader: &mut Reader, kind: u32) -> Result<Self, Stop> {
        Ok(match kind {
            0 => Self::Integer(u8::from_le_bytes(reader.take()?).into()),
            1 => Self::Integer(i8::from_le_bytes(reader.take()?).into()),
            2 => Self::Integer(u16::from_le_bytes(reader.take()?).into()),
            3 => Self::Integer(i16::from_le_bytes(reader.take()?).into()),
            4 => Self::Integer(reader.u32()?.into()),
            5 => Self::Integer(i32::from_le_bytes(reader.take()?).into()),
            6 => Self::Float(f32::from_le_bytes(reader.take()?).into()),
            7 => Self::Bool(reader.take::<1>()? != [0]),
            8 => Self::String(reader.string()?),
            10 => Self::Integer(reader.u64()?.into()),
            11 => Self::Integer(i64::from_le_bytes(reader.take()?).into()),
            12 => Self::Float(f64::from_le_bytes(reader.take()?)),
            _ => return Err(reader.wrong(format!("{kind} is the number of no type of value"))),
        })
    }
}

/// Keys and their values.
pub struct Metadata(HashMap<String, Value>);

impl From<HashMap<String, Value>> for Metadata {
    fn from(entries: HashMap<String, Value>) -> Self {
        Self(entries)
    }
}

impl Metadata {
    /// The next `count` keys with their values.
    pub(super) fn read(reader: &mut Reader, count: u64) -> Result<Self, Stop> {
        (0..count)
            .map(|_| Ok((reader.string()?, Value::read(reader)?)))
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// The entry `key`.
    pub fn get(&self, key: &str) -> Result<&Value> {
        self.0.get(key).ok_or_else(|| Error::metadata(key, "is missing"))
    }

    /// A size from 1 to `max`.
    pub fn size(&self, key: &str, max: usize) -> Result<usize> {
        match *self.get(key)? {
            Value::Integer(value) if (1..=max as i128).contains(&value) => Ok(value as usize),
            _ => Err(Error::metadata(key, format!("is not a whole number from 1 to {max}"))),
        }
    }

    /// As [`Self::size`]; `default` where the file doesn't say.
    pub fn size_or(&self, key: &str, max: usize, default: usize) -> Result<usize> {
        if self.0.contains_key(key) { self.size(key, max) } else { Ok(default) }
    }

    /// A place in a list of `count`.
    pub fn place(&self, key: &str, count: usize) -> Result<usize> {
        match *self.get(key)? {
            Value::Integer(place) if (0..count as i128).contains(&place) => Ok(place as usize),
            _ => Err(Error::metadata(key, format!("is no place in a list of {count}"))),
        }
    }

    /// A number, as 32 bits.
    pub fn float(&self, key: &str) -> Result<f32> {
        match *self.get(key)? {
            Value::Float(value) => Ok(value as f32),
            _ => Err(Error::metadata(key, "is not a float")),
        }
    }

    /// A text.
    pub fn string(&self, key: &str) -> Result<&str> {
        match self.get(key)? {
            Value::String(text) => Ok(text),
            _ => Err(Error::metadata(key, "is not a string")),
        }
    }

    /// A list of texts.
    pub fn strings<'a>(&'a self, key: &str) -> Result<Vec<&'a str>> {
        let text = |value: &'a Value| match value {
            Value::String(text) => Some(text.as_str()),
            _ => None,
        };
        self.list(key, "is not a list of strings", text)
    }

    /// A list of whole numbers.
    pub fn integers(&self, key: &str) -> Result<Vec<i64>> {
        let integer = |value: &Value| match *value {
            Value::Integer(value) => i64::try_from(value).ok(),
            _ => None,
        };
        self.list(key, "is not a list of whole numbers", integer)
    }

    fn list<'a, T>(
        &'a self,
        key: &str,
        wrong: &str,
        item: impl Fn(&'a Value) -> Option<T>,
    ) -> Result<Vec<T>> {
        let items = match self.get(key)? {
            Value::List(values) => values.iter().map(item).collect(),
            _ => None,
        };
        items.ok_or_else(|| Error::metadata(key, wrong))
    }
}
