// Package bench measures the program as its users meet it, and says how that
// compares with what the machine itself allows.
//
// It starts the very program it is part of as child processes that listen on
// loopback and keep their data in a folder of their own, creates people through
// the operator's commands, and from then on speaks only the public API and the
// socket. The limits of the machine (one durable commit, one write to a socket,
// one copy of a file, an empty server) are measured in the same run, in turns
// with what is held against them, because times on a shared machine wander: a
// ratio of two neighbours says more than either.
//
// Every number is a measurement. What cannot be measured here, on this system or
// without a program of others, is left out with the reason. Memory is what the
// system says of the process (VmRSS), CPU its user and system time together;
// both come from /proc and are left out where there is none. A MB is 1,000,000
// bytes, a KiB 1,024.
//
// Everything is bounded in count and time. Nothing stays behind: children are
// stopped and folders removed, also when the context ends early.
package bench
