// Package replay records what a brain answers and plays it again, with the same
// pauses: for demonstrations without a network, and for tests.
//
// # The file
//
// A recording is JSON, one exchange on each line, oldest first:
//
//	{"v":1,                             version of this format
//	 "at":"2026-11-25T09:30:00Z",       when it was asked
//	 "tmate":"ada",                     who was asked
//	 "request":"5b1f…",                 hash of tmate and messages, 64 hexadecimal digits
//	 "question":"What is on the list?", its first 200 code points, for people
//	 "parts":[                          what came, in order
//	   {"after":120,"text":"Let me "},  after: milliseconds the brain took since the part before
//	   {"after":45,"text":"look."},
//	   {"after":2,"calls":[{"id":"call_1","name":"read","args":{"list":"shop"}}]},
//	   {"after":0,"usage":{"model":"m","prompt":812,"completion":9}}],
//	 "failure":{                        only if it failed, after the parts
//	   "after":30,"status":429,"code":"rate_limit_error","retry_after":7000,
//	   "fatal":false,"text":"api.example limits how often it may be asked"}}
//
// Fields nobody knows are passed over. The hash covers author, name, text, calls
// and pictures of every message, and neither memory nor the time, so that a
// conversation finds its answers again on another day.
//
// # Promises
//
//   - A recording fails nobody: an answer arrives whether or not it could be kept,
//     and [Recorder.Err] says why not.
//   - The file is private (0600) and bounded. A line is written whole and at once; what a
//     kill or a full disk left behind of one is cut off before the next.
//   - An exchange that was stopped, by its consumer or its context, is not kept: it
//     has no end that could be played.
//   - A replay plays the exchange with the same request; of several the next that was
//     not played, at last the same again. A request it does not know gets the next
//     exchange that was not played, so that a demonstration survives a slip of the
//     tongue. When the end of the context comes, it ends at once.
//
// # What it never does
//
// It holds no key and sees no header: it stands above the brain that has them. Of
// a failure only the sentence for the owner is kept, never the cause. What people
// and models said is in the file, though, and so is a key that somebody wrote to a
// tmate.
package replay
