//! What the process keeps from others: its memory holds tokens, so it leaves no core dump, and other programs of the same
//! user may not look into it.

/// Switches core dumps off, and on Linux tracing by others too. Where the system refuses, nothing else changes.
pub fn keep() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, setrlimit};
        let none = Rlimit {
            current: Some(0),
            maximum: Some(0),
        };
        let _ = setrlimit(Resource::Core, none);
    }
    // A core that is piped to a program is not bound by the limit (core(5)).
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{DumpableBehavior, set_dumpable_behavior};
        let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    }
}
