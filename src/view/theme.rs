//! How the ten roles look: three themes, read from `assets/themes`.

use std::sync::LazyLock;

use ratatui::style::{Color, Modifier, Style};
use serde::{Deserialize, Deserializer, de::Error as _};

use crate::app::{Role, ThemeName};

static DARK: LazyLock<Theme> =
    LazyLock::new(|| standard(include_str!("../../assets/themes/dark.toml")));
static LIGHT: LazyLock<Theme> =
    LazyLock::new(|| standard(include_str!("../../assets/themes/light.toml")));
static MONO: LazyLock<Theme> =
    LazyLock::new(|| standard(include_str!("../../assets/themes/mono.toml")));

/// A look for each role.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Theme {
    text: Look,
    dim: Look,
    accent: Look,
    good: Look,
    warn: Look,
    bad: Look,
    key: Look,
    value: Look,
    mark: Look,
    focus: Look,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Look {
    #[serde(deserialize_with = "colour")]
    fg: Option<Color>,
    with: Vec<Trait>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Trait {
    Bold,
    Dim,
    Underlined,
    Reversed,
}

impl Theme {
    /// A theme that comes with the program.
    pub fn named(name: ThemeName) -> &'static Self {
        match name {
            ThemeName::Dark => &DARK,
            ThemeName::Light => &LIGHT,
            ThemeName::Mono => &MONO,
        }
    }

    /// How a role looks.
    pub fn style(&self, role: Role) -> Style {
        let look = match role {
            Role::Text => &self.text,
            Role::Dim => &self.dim,
            Role::Accent => &self.accent,
            Role::Good => &self.good,
            Role::Warn => &self.warn,
            Role::Bad => &self.bad,
            Role::Key => &self.key,
            Role::Value => &self.value,
            Role::Mark => &self.mark,
            Role::Focus => &self.focus,
        };
        look.style()
    }
}

impl Look {
    fn style(&self) -> Style {
        let style = self.fg.map_or_else(Style::new, |fg| Style::new().fg(fg));
        self.with.iter().fold(style, |style, one| {
            style.add_modifier(match one {
                Trait::Bold => Modifier::BOLD,
                Trait::Dim => Modifier::DIM,
                Trait::Underlined => Modifier::UNDERLINED,
                Trait::Reversed => Modifier::REVERSED,
            })
        })
    }
}

fn standard(text: &str) -> Theme {
    toml::from_str(text).unwrap_or_else(|error| unreachable!("assets/themes: {error}"))
}

fn colour<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Color>, D::Error> {
    let name = String::deserialize(deserializer)?;
    name.parse().map(Some).map_err(|_| {
        D::Error::custom(format!(
            "'{name}' is no colour; write a name such as 'cyan' or 'light red'"
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_themes_use_named_colours_and_the_own_background() {
        for theme in [ThemeName::Dark, ThemeName::Light, ThemeName::Mono].map(Theme::named) {
            for role in [
                Role::Text,
                Role::Accent,
                Role::Good,
                Role::Warn,
                Role::Bad,
                Role::Key,
                Role::Value,
            ] {
                let style = theme.style(role);
                assert!(
                    !matches!(style.fg, Some(Color::Rgb(..) | Color::Indexed(_)))
                        && style.bg.is_none()
                );
            }
            assert!(
                theme
                    .style(Role::Focus)
                    .add_modifier
                    .contains(Modifier::REVERSED)
            );
        }
        assert_eq!(Theme::named(ThemeName::Mono).style(Role::Bad).fg, None);
    }
}
