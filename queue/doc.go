// Package queue runs durable jobs: at least once, under one lease at a time,
// with persistent retries, and in order where order matters.
//
//	             claim                 finished
//	queued ───────────────▶ running ─────────────▶ succeeded
//	   ▲                    │  │  │
//	   │ interrupted,       │  │  │ hopeless, or attempts used up
//	   │ orphaned           │  │  └────────────────▶ failed
//	   └────────────────────┘  │ may succeed later
//	                           ▼
//	                       retrying ──(due)──▶ claimed again
//
//	running ──(a limit is spent)──▶ parked ──(its time comes)──▶ claimed again
//	queued, running, retrying or parked ──(somebody cancels)──▶ cancelled
//
// Each claim makes a new lease, and whatever ends an attempt names it, so that
// a late worker cannot change a job that was cancelled or given away. The
// result of a job and its success are written by the [Handler] in one
// transaction; the queue settles only attempts that ended with an error.
//
// The queue chooses who is served next: people share the workers evenly, nobody
// has all of them, and what somebody waits for comes before the background. Which
// job that is, is the storage's choice; its promise is: one job of a lane at a
// time and in order, and a job that was running when the process died is ready
// again after [Storage.Adopt], its attempt counted, so that a job which kills the
// process is not run for ever.
//
// A claim is a commit, unless it shares one: a job may be stored as running when a
// worker is idle ([Workers.Seat]), and a job that ends may claim the next
// ([Workers.Relay]).
//
// A job with a parent is none of the queue's: its parent's handler runs it.
//
// The queue never polls while it is idle: [Workers.Ready] tells it of new jobs
// and one timer waits for the next retry or parked job. A job that waits takes no
// memory.
package queue
