//! CPU time of child processes.

use std::{fs, io, path::Path, time::Duration};

use nix::sys::{
    resource::{UsageWho, getrusage},
    time::TimeVal,
};

/// User and system time of the one child that is started and waited for in `run`.
pub(crate) fn of_child<T, E: From<io::Error>>(
    run: impl FnOnce() -> Result<T, E>,
) -> Result<(T, Duration), E> {
    let before = of_children()?;
    let value = run()?;
    Ok((value, of_children()?.saturating_sub(before)))
}

fn of_children() -> io::Result<Duration> {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let span = |time: TimeVal| {
        Duration::from_micros((time.tv_sec() * 1_000_000 + time.tv_usec()).cast_unsigned())
    };
    Ok(span(usage.user_time()) + span(usage.system_time()))
}

/// Time on a core so far of a process that still runs, all its threads, in nanoseconds by the scheduler's own count
/// (Linux: the first field of `/proc/PID/task/TID/schedstat`).
pub(crate) fn of_running(pid: u32) -> io::Result<Duration> {
    let mut total = 0;
    for task in fs::read_dir(Path::new("/proc").join(pid.to_string()).join("task"))? {
        let schedstat = fs::read_to_string(task?.path().join("schedstat"))?;
        let first = schedstat
            .split_whitespace()
            .next()
            .and_then(|count| count.parse::<u64>().ok());
        total += first.ok_or_else(|| io::Error::other("schedstat has no number"))?;
    }
    Ok(Duration::from_nanos(total))
}
