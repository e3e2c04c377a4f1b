//! A user with a browser that knows forms, cookies and redirects, and no scripts.

use std::{
    collections::BTreeMap,
    io::{Read, Write},
    net::TcpStream,
};

use url::{Position, Url, form_urlencoded};

/// The browser.
#[derive(Default)]
pub(crate) struct Browser {
    cookies: BTreeMap<String, String>,
}

/// What a server answered.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) url: Url,
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Browser {
    /// Opens an address and fills in every form, as the user `alice` who agrees to everything, until there is no form.
    pub(crate) fn agree(&mut self, address: &str) -> Page {
        let mut page = self.open(Url::parse(address).expect("an address"), None);
        for _ in 0..10 {
            let Some((action, mut fields)) = page.form() else {
                return page;
            };
            fields.extend(
                [("login", "alice"), ("password", "x"), ("confirm", "yes")]
                    .map(|(name, value)| (name.to_owned(), value.to_owned())),
            );
            let body = form_urlencoded::Serializer::new(String::new())
                .extend_pairs(fields)
                .finish();
            page = self.open(action, Some(&body));
        }
        panic!("forms without end: {page:?}");
    }

    /// Opens an address, and what it redirects to.
    pub(crate) fn open(&mut self, mut url: Url, form: Option<&str>) -> Page {
        let mut page = self.request(&url, form);
        while (300..400).contains(&page.status) {
            url = url
                .join(page.header("location").expect("a place"))
                .expect("an address");
            page = self.request(&url, None);
        }
        page
    }

    fn request(&mut self, url: &Url, form: Option<&str>) -> Page {
        let host = &url[Position::BeforeHost..Position::AfterPort];
        let target = &url[Position::BeforePath..Position::AfterQuery];
        let cookies: Vec<_> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let (method, body) = form.map_or(("GET", ""), |body| ("POST", body));
        let request = format!(
            "{method} {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nCookie: {}\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
            cookies.join("; "),
            body.len()
        );
        let mut connection = TcpStream::connect(host).expect("a connection");
        connection.write_all(request.as_bytes()).expect("a request");
        let mut answer = String::new();
        connection.read_to_string(&mut answer).expect("an answer");
        let page = Page::read(url, &answer);
        for (_, cookie) in page.headers.iter().filter(|(name, _)| name == "set-cookie") {
            let pair = cookie.split(';').next().unwrap_or_default();
            if let Some((name, value)) = pair.split_once('=') {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        page
    }
}

impl Page {
    fn read(url: &Url, answer: &str) -> Self {
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
        let mut lines = head.lines();
        let status = lines.next().and_then(|line| line.split(' ').nth(1));
        let headers = lines.filter_map(|line| line.split_once(": "));
        Self {
            url: url.clone(),
            status: status
                .and_then(|status| status.parse().ok())
                .expect("a status"),
            headers: headers
                .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
                .collect(),
            body: body.to_owned(),
        }
    }

    fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(other, _)| other == name);
        found.map(|(_, value)| value.as_str())
    }

    /// Where the first form goes, and the fields that it holds already.
    fn form(&self) -> Option<(Url, Vec<(String, String)>)> {
        let form = &self.body[self.body.find("<form")?..];
        let form = &form[..form.find("</form>")?];
        let action = attribute(form, "action")?;
        let inputs = form.split("<input").skip(1);
        let fields = inputs.filter_map(|input| {
            let input = &input[..input.find('>')?];
            let name = attribute(input, "name")?;
            Some((name, attribute(input, "value").unwrap_or_default()))
        });
        let filled = fields.filter(|(_, value)| !value.is_empty());
        Some((self.url.join(&action).ok()?, filled.collect()))
    }
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let start = tag.find(&format!("{name}=\""))? + name.len() + 2;
    let value = &tag[start..];
    Some(value[..value.find('"')?].replace("&amp;", "&"))
}
