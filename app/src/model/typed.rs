//! What was typed into a form.

/// What was typed, by field.
#[derive(Clone, Default)]
pub(crate) struct Typed(Vec<(&'static str, String)>);

/// What is wrong with a field, said below it.
pub(crate) type Complaint = (&'static str, String);

impl Typed {
    /// Types `value` into a field.
    pub(crate) fn set(&mut self, field: &'static str, value: String) {
        self.0.retain(|(known, _)| *known != field);
        self.0.push((field, value));
    }

    /// What stands in a field, without blanks around it.
    pub(crate) fn get(&self, field: &str) -> &str {
        self.0.iter().find(|(known, _)| *known == field).map_or("", |(_, value)| value.trim())
    }

    /// What stands in a field, as it was typed.
    pub(crate) fn raw(&self, field: &str) -> String {
        self.0.iter().find(|(known, _)| *known == field).map(|(_, value)| value.clone()).unwrap_or_default()
    }
}
