//! The measure of all ratios: a bare tokio-tungstenite loop that counts messages and drops them.

use std::io::Write;

use futures_util::StreamExt;
use tokio_tungstenite::tungstenite::Message;

use crate::common::Result;

/// Makes this program the baseline client of the URL that follows.
pub(crate) const ARGUMENT: &str = "--baseline";

/// Reads the stream to its close frame and prints how many messages came.
pub(crate) fn run(url: &str) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let count = runtime.block_on(count(url))?;
    writeln!(std::io::stdout(), "{count}")?;
    Ok(())
}

async fn count(url: &str) -> Result<u64> {
    let (mut socket, _) = tokio_tungstenite::connect_async(url).await?;
    let mut count = 0;
    while let Some(message) = socket.next().await {
        match message? {
            Message::Text(_) | Message::Binary(_) => count += 1,
            Message::Close(_) => break,
            _ => {}
        }
    }
    Ok(count)
}
