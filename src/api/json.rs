//! From JSON to wire types, small: the browser parses, and this hands the parts to serde's derived code.
//!
//! serde_json would do, but for every type it brings a reader of arrays, one of objects that compares names, and texts of
//! errors that nobody sees. Here a struct takes its fields by name in the order of its declaration, a word is its place
//! among the known words, and there is one error, without a text. Whole numbers are exact up to 2^53, as in any browser.
//!
//! A struct with `#[serde(alias)]` can't be read this way and always fails: an answer has one name for everything.

use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, Error, MapAccess, SeqAccess, Unexpected,
    VariantAccess, Visitor, value::U32Deserializer,
};
use std::fmt;

/// Reads a value; none if the text is not JSON or not of this type.
pub fn read<T: DeserializeOwned>(text: &str) -> Option<T> {
    let node = parse(text)?;
    T::deserialize(Part(&node)).ok()
}

#[cfg(target_arch = "wasm32")]
fn parse(text: &str) -> Option<wasm_bindgen::JsValue> {
    js_sys::JSON::parse(text).ok()
}

/// Tests run without a browser.
#[cfg(not(target_arch = "wasm32"))]
fn parse(text: &str) -> Option<serde_json::Value> {
    serde_json::from_str(text).ok()
}

/// A value that something else has parsed.
trait Node: Sized {
    fn is_null(&self) -> bool;
    fn truth(&self) -> Option<bool>;
    fn number(&self) -> Option<f64>;
    fn text(&self) -> Option<String>;
    fn items(&self) -> Option<Vec<Self>>;
    fn names(&self) -> Option<Vec<String>>;
    /// None where there is no such member, or no object.
    fn member(&self, name: &str) -> Option<Self>;
    fn null() -> Self;
}

#[cfg(target_arch = "wasm32")]
mod browser {
    use super::Node;
    use js_sys::{Array, Object, Reflect};
    use wasm_bindgen::{JsCast, JsValue};

    impl Node for JsValue {
        fn is_null(&self) -> bool {
            self.is_undefined() || JsValue::is_null(self)
        }
        fn truth(&self) -> Option<bool> {
            self.as_bool()
        }
        fn number(&self) -> Option<f64> {
            self.as_f64()
        }
        fn text(&self) -> Option<String> {
            self.as_string()
        }
        fn items(&self) -> Option<Vec<Self>> {
            Array::is_array(self).then(|| self.unchecked_ref::<Array>().to_vec())
        }
        fn names(&self) -> Option<Vec<String>> {
            let names = self.is_object().then(|| Object::keys(self.unchecked_ref::<Object>()))?;
            Some(names.iter().filter_map(|name| JsValue::as_string(&name)).collect())
        }
        fn member(&self, name: &str) -> Option<Self> {
            let found = self.is_object().then(|| Reflect::get(self, &JsValue::from_str(name)).ok())??;
            (!found.is_undefined()).then_some(found)
        }
        fn null() -> Self {
            Self::NULL
        }
    }
}

#[cfg(not(target_arch = "wasm32"))]
mod native {
    use super::Node;
    use serde_json::Value;

    impl Node for Value {
        fn is_null(&self) -> bool {
            Self::is_null(self)
        }
        fn truth(&self) -> Option<bool> {
            self.as_bool()
        }
        fn number(&self) -> Option<f64> {
            self.as_f64()
        }
        fn text(&self) -> Option<String> {
            self.as_str().map(str::to_owned)
        }
        fn items(&self) -> Option<Vec<Self>> {
            self.as_array().cloned()
        }
        fn names(&self) -> Option<Vec<String>> {
            Some(self.as_object()?.keys().cloned().collect())
        }
        fn member(&self, name: &str) -> Option<Self> {
            self.get(name).cloned()
        }
        fn null() -> Self {
            Self::Null
        }
    }
}

/// The text is not what the type wants. Without words: what a person reads is [`super::Failure::unreadable`].
#[derive(Debug)]
struct Unfit;

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("unfit")
    }
}

impl std::error::Error for Unfit {}

// Every method, so that the texts of the provided ones are not even made.
impl Error for Unfit {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
    fn invalid_type(_: Unexpected<'_>, _: &dyn serde::de::Expected) -> Self {
        Self
    }
    fn invalid_value(_: Unexpected<'_>, _: &dyn serde::de::Expected) -> Self {
        Self
    }
    fn invalid_length(_: usize, _: &dyn serde::de::Expected) -> Self {
        Self
    }
    fn unknown_variant(_: &str, _: &'static [&'static str]) -> Self {
        Self
    }
    fn unknown_field(_: &str, _: &'static [&'static str]) -> Self {
        Self
    }
    fn missing_field(_: &'static str) -> Self {
        Self
    }
    fn duplicate_field(_: &'static str) -> Self {
        Self
    }
}

/// A parsed value on its way into a type.
struct Part<'a, N>(&'a N);

impl<N: Node> Part<'_, N> {
    fn whole<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unfit> {
        let number = self.0.number().ok_or(Unfit)?;
        if number.fract() != 0.0 {
            visitor.visit_f64(number)
        } else if number < 0.0 {
            visitor.visit_i64(number as i64)
        } else {
            visitor.visit_u64(number as u64)
        }
    }
}

macro_rules! numbers {
    ($($method:ident)+) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unfit> {
            self.whole(visitor)
        })+
    };
}

macro_rules! texts {
    ($($method:ident)+) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unfit> {
            visitor.visit_string(self.0.text().ok_or(Unfit)?)
        })+
    };
}

impl<'de, N: Node> Deserializer<'de> for Part<'_, N> {
    type Error = Unfit;

    numbers! { deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_u8 deserialize_u16 deserialize_u32
    deserialize_u64 deserialize_f32 deserialize_f64 }

    texts! { deserialize_char deserialize_str deserialize_string deserialize_bytes deserialize_byte_buf
    deserialize_identifier }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unfit> {
        if self.0.is_null() {
            visitor.visit_unit()
        } else if let Some(truth) = self.0.truth() {
            visitor.visit_bool(truth)
        } else if let Some(text) = self.0.text() {
            visitor.visit_string(text)
        } else if self.0.number().is_some() {
            self.whole(visitor)
        } else if self.0.items().is_some() {
            self.deserialize_seq(visitor)
        } else {
            self.deserialize_map(visitor)
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unfit> {
        visitor.visit_bool(self.0.truth().ok_or(Unfit)?)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unfit> {
        if self.0.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unfit> {
        if self.0.is_null() { visitor.visit_unit() } else { Err(Unfit) }
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Unfit> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Unfit> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unfit> {
        visitor.visit_seq(Items(self.0.items().ok_or(Unfit)?.into_iter()))
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Unfit> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Unfit> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unfit> {
        visitor.visit_map(Members { object: self.0, names: self.0.names().ok_or(Unfit)?.into_iter(), latest: None })
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unfit> {
        let mut left = fields;
        let value = visitor.visit_seq(Fields { object: self.0, left: &mut left })?;
        // A name is left over where a field has two: then every later field was the wrong one.
        if left.is_empty() { Ok(value) } else { Err(Unfit) }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unfit> {
        let place = |name: &str| variants.iter().position(|known| *known == name).ok_or(Unfit);
        if let Some(name) = self.0.text() {
            return visitor.visit_enum(Variant { place: place(&name)?, content: &N::null() });
        }
        let name = self.0.names().and_then(|names| names.into_iter().next()).ok_or(Unfit)?;
        visitor.visit_enum(Variant { place: place(&name)?, content: &self.0.member(&name).ok_or(Unfit)? })
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unfit> {
        visitor.visit_unit()
    }
}

/// The items of an array.
struct Items<N>(std::vec::IntoIter<N>);

impl<'de, N: Node> SeqAccess<'de> for Items<N> {
    type Error = Unfit;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Unfit> {
        self.0.next().map(|item| seed.deserialize(Part(&item))).transpose()
    }
}

/// The members of an object, in the order in which a struct declares them.
struct Fields<'a, N> {
    object: &'a N,
    left: &'a mut &'static [&'static str],
}

impl<'de, N: Node> SeqAccess<'de> for Fields<'_, N> {
    type Error = Unfit;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Unfit> {
        let (name, left) = self.left.split_first().ok_or(Unfit)?;
        *self.left = left;
        match self.object.member(name) {
            Some(member) => seed.deserialize(Part(&member)).map(Some),
            // An option is none; anything else is its default where it has one, and otherwise serde fails.
            None => Ok(seed.deserialize(Part(&N::null())).ok()),
        }
    }
}

/// The members of an object, in its own order.
struct Members<'a, N> {
    object: &'a N,
    names: std::vec::IntoIter<String>,
    latest: Option<N>,
}

impl<'de, N: Node> MapAccess<'de> for Members<'_, N> {
    type Error = Unfit;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Unfit> {
        let Some(name) = self.names.next() else { return Ok(None) };
        self.latest = self.object.member(&name);
        seed.deserialize(serde::de::value::StringDeserializer::new(name)).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Unfit> {
        seed.deserialize(Part(&self.latest.take().ok_or(Unfit)?))
    }
}

/// One of the known words, by its place, and what it carries.
struct Variant<'a, N> {
    place: usize,
    content: &'a N,
}

impl<'de, 'a, N: Node> EnumAccess<'de> for Variant<'a, N> {
    type Error = Unfit;
    type Variant = Part<'a, N>;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Part<'a, N>), Unfit> {
        let place = U32Deserializer::new(self.place as u32);
        Ok((seed.deserialize(place)?, Part(self.content)))
    }
}

impl<'de, N: Node> VariantAccess<'de> for Part<'_, N> {
    type Error = Unfit;

    fn unit_variant(self) -> Result<(), Unfit> {
        Ok(())
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, Unfit> {
        seed.deserialize(self)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Unfit> {
        self.deserialize_seq(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(self, fields: &'static [&'static str], visitor: V) -> Result<V::Value, Unfit> {
        self.deserialize_struct("", fields, visitor)
    }
}

#[cfg(test)]
mod tests;
