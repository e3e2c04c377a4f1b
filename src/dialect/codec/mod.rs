//! How messages stand in WebSocket messages.
