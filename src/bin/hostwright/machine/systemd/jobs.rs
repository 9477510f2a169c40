//! Calls that queue a job, and the end of that job.

use std::future::{Future, poll_fn};
use std::io;
use std::num::NonZeroUsize;
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use serde::Serialize;
use zbus::export::futures_core::Stream;
use zbus::{AsyncDrop, Connection, DynamicType, MatchRule, Message, MessageStream, OwnedObjectPath};

use super::bus::{self, Bus};
use super::limit::Limit;
use super::{MANAGER, SERVICE};

/// Ends of foreign jobs that may come between a call and its reply. A full queue would keep the reply back.
const QUEUE: NonZeroUsize = NonZeroUsize::new(4096).expect("not zero");

/// Calls a method of the manager that returns a job, and waits for the job's result: `done`, `failed`, ….
///
/// # Errors
/// The call fails, or the job still runs at the limit.
pub(super) fn run<B>(bus: &Bus, member: &'static str, body: &B, limit: Duration) -> zbus::Result<String>
where
    B: Serialize + DynamicType,
{
    let connection = bus.connection_to(SERVICE)?;
    bus.noted(SERVICE, zbus::block_on(queue_and_wait(&connection, member, body, [bus.limits.reply, limit])))
}

async fn queue_and_wait<B>(
    connection: &Connection,
    member: &'static str,
    body: &B,
    [reply, limit]: [Duration; 2],
) -> zbus::Result<String>
where
    B: Serialize + DynamicType,
{
    // A short job ends before the reply to its call is read: listening begins first.
    let listening = MessageStream::for_match_rule(removal()?, connection, Some(QUEUE));
    let mut removed = bus::within(reply, listening).await?;
    let job: zbus::Result<OwnedObjectPath> =
        bus::within(reply, bus::call(connection, MANAGER, member, body)).await;
    let result = match job {
        Ok(job) => end_of(&mut removed, &job, limit).await,
        Err(error) => Err(error),
    };
    let dropped = async {
        removed.async_drop().await;
        Ok(())
    };
    // What it says of the job counts, not whether the bus forgets who listened.
    let _ = bus::within(reply, dropped).await;
    result
}

fn removal() -> zbus::Result<MatchRule<'static>> {
    MatchRule::builder()
        .msg_type(zbus::message::Type::Signal)
        .sender(SERVICE)
        .path(MANAGER.path)
        .interface(MANAGER.interface)
        .member("JobRemoved")
        .build()
}

async fn end_of(removed: &mut MessageStream, job: &OwnedObjectPath, time: Duration) -> zbus::Result<String> {
    let mut limit = Limit::after(time);
    loop {
        let signal = next(removed, &mut limit).await.ok_or_else(|| late(time))??;
        let (_, path, _, result): (u32, OwnedObjectPath, String, String) = signal.body().deserialize()?;
        if path == *job {
            return Ok(result);
        }
    }
}

/// Returns the next message, or nothing at the limit.
async fn next(stream: &mut MessageStream, limit: &mut Limit) -> Option<zbus::Result<Message>> {
    poll_fn(|context| {
        match Pin::new(&mut *stream).poll_next(context) {
            Poll::Ready(Some(message)) => return Poll::Ready(Some(message)),
            Poll::Ready(None) => return Poll::Ready(Some(Err(lost()))),
            Poll::Pending => {}
        }
        Pin::new(&mut *limit).poll(context).map(|()| None)
    })
    .await
}

fn late(time: Duration) -> zbus::Error {
    let text = format!("the job still runs after {} s", time.as_secs());
    io::Error::new(io::ErrorKind::TimedOut, text).into()
}

fn lost() -> zbus::Error {
    io::Error::new(io::ErrorKind::ConnectionAborted, "the bus went away").into()
}
