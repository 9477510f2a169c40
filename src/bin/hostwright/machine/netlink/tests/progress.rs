//! A peer in another network namespace that acknowledges what it is sent, until its link goes down.

use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use nix::sched::{CloneFlags, unshare};

use super::{LIMIT, Netlink, in_namespace, ip};
use crate::caller::Caller;

const WAIT: Duration = Duration::from_millis(50);

/// Goes on step by step, each when it is told to, and says when it is done; the first thing it says is where it is.
fn peer(told: &Receiver<()>, say: &Sender<i32>) {
    unshare(CloneFlags::CLONE_NEWNET).expect("a namespace");
    let done = || say.send(nix::unistd::gettid().as_raw()).expect("somebody listens");
    done();
    told.recv().expect("the link is here");
    assert!(ip("address add 192.0.2.9/24 dev two") && ip("link set two up"));
    let listener = TcpListener::bind("192.0.2.9:2222").expect("bound");
    done();
    let _stream = listener.accept().expect("a caller");
    told.recv().expect("something was sent");
    assert!(ip("link set two down"));
    done();
    let _ = told.recv();
}

/// Where nothing can leave there is nothing to send again.
#[test]
fn a_connection_whose_own_address_is_gone_probes_in_vain() {
    in_namespace(|netlink: &Netlink| {
        assert!(ip("address add 192.0.2.2/24 dev lo"));
        let listener = TcpListener::bind("192.0.2.2:2222").expect("bound");
        let mut stream = TcpStream::connect("192.0.2.2:2222").expect("connected");
        let _accepted = listener.accept().expect("a caller");
        let ends = [stream.local_addr(), stream.peer_addr()].map(|it| it.expect("an end"));
        let progress = || {
            let caller = Caller { local: ends[0], peer: ends[1] };
            netlink.progress(&caller).expect("an answer").expect("it is established")
        };
        assert_eq!(progress().unanswered, 0);
        assert!(ip("address delete 192.0.2.2/24 dev lo"));
        assert!(netlink.own_addresses().expect("read").iter().all(|it| *it != ends[0].ip()));
        stream.write_all(b"a keepalive").expect("taken");
        let begin = Instant::now();
        while progress().unanswered == 0 && begin.elapsed() < LIMIT {
            thread::sleep(WAIT);
        }
        assert!(progress().unanswered > 0, "{:?}", progress());
    });
}

#[test]
fn a_peer_that_went_silent_has_something_outstanding() {
    in_namespace(|netlink: &Netlink| {
        let ((tell, told), (say, said)) = (channel(), channel());
        let peer = thread::spawn(move || peer(&told, &say));
        let wait = || said.recv().expect("the peer goes on");
        assert!(ip(&format!("link set two netns {}", wait())) && ip("address add 192.0.2.2/24 dev one"));
        tell.send(()).expect("told");
        wait();
        let mut stream = TcpStream::connect("192.0.2.9:2222").expect("connected");
        let ends = [stream.local_addr(), stream.peer_addr()].map(|it| it.expect("an end"));
        let caller = Caller { local: ends[0], peer: ends[1] };
        let progress = || netlink.progress(&caller).expect("an answer").expect("it is established");
        stream.write_all(b"a plan").expect("sent");
        let begin = Instant::now();
        while progress().outstanding > 0 && begin.elapsed() < LIMIT {
            thread::sleep(WAIT);
        }
        assert_eq!((progress().outstanding, progress().unanswered), (0, 0));
        // The kernel's clock of connections ticks in some milliseconds.
        thread::sleep(WAIT * 2);
        let silence = progress().silence;
        assert!(silence >= WAIT && silence < LIMIT, "{silence:?}");
        tell.send(()).expect("told");
        wait();
        stream.write_all(b"a step").expect("sent");
        while progress().unanswered == 0 && begin.elapsed() < LIMIT {
            thread::sleep(WAIT);
        }
        assert!(progress().unanswered > 0 && progress().outstanding > 0, "{:?}", progress());
        drop(tell);
        peer.join().expect("the peer");
    });
}
