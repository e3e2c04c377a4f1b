//! Writes one thing into `config.toml`, when the user asks for it: a filter under its name. All the rest of the file
//! stays as it is, to the last space.

use std::{fs, io::Write, path::Path};

use toml::{Spanned, de::DeTable};

use super::Paths;

/// The header of the table.
const HEADER: &str = "[filters]";

/// Saves a filter under a name, in the place of another of this name.
///
/// # Errors
/// Why it was not saved; the file is then as it was.
pub fn save_filter(paths: &Paths, name: &str, filter: &str) -> Result<(), String> {
    // A link leads to where the user keeps the file; the link stays.
    let file = fs::canonicalize(&paths.config_file).unwrap_or_else(|_| paths.config_file.clone());
    let before = match fs::read_to_string(&file) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(format!("{} cannot be read: {error}", file.display())),
    };
    let after =
        with_filter(&before, name, filter).map_err(|why| format!("{} {why}", file.display()))?;
    let written = replace(&file, &after);
    written.map_err(|error| {
        let shown = file.display();
        format!("{shown} cannot be written and is as it was: {error}; check that the disk has room")
    })
}

fn replace(file: &Path, text: &str) -> std::io::Result<()> {
    let directory = file.parent().unwrap_or_else(|| Path::new("."));
    fs::create_dir_all(directory)?;
    let mut new = tempfile::NamedTempFile::new_in(directory)?;
    new.write_all(text.as_bytes())?;
    if let Ok(data) = fs::metadata(file) {
        fs::set_permissions(new.path(), data.permissions())?;
    }
    new.as_file().sync_all()?;
    new.persist(file)?;
    Ok(())
}

/// The text of a configuration with the filter in it, or why there is no safe place for it.
fn with_filter(text: &str, name: &str, filter: &str) -> Result<String, &'static str> {
    const ELSEWHERE: &str = "has filters that are not under [filters]: write it there yourself";
    let value = toml::Value::String(filter.to_owned()).to_string();
    let document = DeTable::parse(text).map_err(|_| "is not right as it is: mend it first")?;
    let known = document.get_ref().get("filters").map(Spanned::get_ref);
    let old = known
        .and_then(|filters| filters.as_table()?.get(name))
        .map(Spanned::span);
    let changed = match (old, known) {
        (Some(old), _) => format!("{}{value}{}", &text[..old.start], &text[old.end..]),
        (None, Some(_)) => {
            let mut lines = text.split_inclusive('\n').scan(0, |end, line| {
                *end += line.len();
                Some((*end, line))
            });
            let is_header =
                |line: &str| line.split('#').next().unwrap_or_default().trim() == HEADER;
            let header = lines.find(|(_, line)| is_header(line));
            let (end, line) = header.ok_or(ELSEWHERE)?;
            let gap = if line.ends_with('\n') { "" } else { "\n" };
            format!("{}{gap}{name} = {value}\n{}", &text[..end], &text[end..])
        }
        (None, None) => {
            let gap = match text {
                "" => "",
                _ if text.ends_with('\n') => "\n",
                _ => "\n\n",
            };
            format!("{text}{gap}{HEADER}\n{name} = {value}\n")
        }
    };
    let read: toml::Table = changed.parse().map_err(|_| ELSEWHERE)?;
    let saved = read
        .get("filters")
        .and_then(|filters| filters.get(name)?.as_str());
    if saved == Some(filter) {
        Ok(changed)
    } else {
        Err(ELSEWHERE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_finds_its_place_and_the_rest_stays() {
        let with = |text: &str| with_filter(text, "gold", r#".tier == "gold""#).ok();
        assert_eq!(
            with("").as_deref(),
            Some("[filters]\ngold = '.tier == \"gold\"'\n")
        );
        assert_eq!(
            with("watch = [] # all\n").as_deref(),
            Some("watch = [] # all\n\n[filters]\ngold = '.tier == \"gold\"'\n")
        );
        assert_eq!(
            with("[filters] # mine\nbig = 'size>1k'\n\n[settings]\n").as_deref(),
            Some("[filters] # mine\ngold = '.tier == \"gold\"'\nbig = 'size>1k'\n\n[settings]\n")
        );
        assert_eq!(
            with("[filters]\ngold = \"x\" # old\n").as_deref(),
            Some("[filters]\ngold = '.tier == \"gold\"' # old\n")
        );
        assert_eq!(
            with("[filters]").as_deref(),
            Some("[filters]\ngold = '.tier == \"gold\"'\n")
        );
        assert_eq!(with("filters = { a = 'b' }"), None);
        assert_eq!(with("broken = "), None);
    }
}
