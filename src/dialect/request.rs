//! HTTP calls: for a ticket before a link is opened, as a step of a login, for a subscription.

use super::{Fail, Only, Pattern, Takes, template::Template};

/// An HTTP call. Its answer is JSON.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// Whether it is a POST; else a GET.
    pub post: bool,
    /// The address.
    pub url: Template,
    /// What is put behind the path of the address.
    pub path: Option<Template>,
    /// Query parameters to add to the address.
    pub query: Vec<(String, Template)>,
    /// Request headers.
    pub headers: Vec<(String, Template)>,
    /// The body, JSON.
    pub json: Option<Template>,
    /// The members of a form; then this is the body.
    pub form: Vec<(String, Template)>,
    /// What is taken from the answer.
    pub takes: Takes,
    /// Which of these must not be shown.
    pub secret: Vec<String>,
    /// Answers that refuse, whatever their status.
    pub fail: Vec<Fail>,
}

/// A call before a link is opened.
#[derive(Clone, Debug, PartialEq)]
pub struct Before {
    /// The call.
    pub request: Request,
    /// On which condition.
    pub only: Only,
    /// Answers after which it is made again, with what was taken from them.
    pub again: Option<Pattern>,
}

impl Request {
    /// The templates in it.
    pub(super) fn templates(&self) -> impl Iterator<Item = &Template> {
        let pairs = self.headers.iter().chain(&self.query);
        pairs
            .map(|(_, template)| template)
            .chain(self.form.iter().map(|(_, template)| template))
            .chain(&self.json)
            .chain(&self.path)
            .chain([&self.url])
    }
}
