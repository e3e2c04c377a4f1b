//! temp
use crate::{credential::Sources, error::Failure, profile::Config};
use std::path::{Path, PathBuf};
pub struct Paths {
    pub config_file: PathBuf,
}
pub struct Loaded {
    pub config: Config,
    pub paths: Paths,
    pub sources: Sources,
}
pub fn load(_d: Option<&Path>) -> Result<Loaded, Failure> {
    Ok(Loaded {
        config: Config::default(),
        paths: Paths {
            config_file: "config.toml".into(),
        },
        sources: Sources::default(),
    })
}
