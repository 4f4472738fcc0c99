use crate::Outcome; pub(crate) fn dev(_: &[String]) -> Outcome { Ok(()) }
