package tmates

// EventType is the wire's "type" of a frame the server pushes.
type EventType string

// The events of the realtime contract.
const (
	EventMessage    EventType = "new_message"
	EventStatus     EventType = "chat_status"
	EventDelta      EventType = "message_delta"
	EventReset      EventType = "message_reset"
	EventPost       EventType = "pinboard_post"
	EventPostGone   EventType = "pinboard_post_deleted" // an addition
	EventFile       EventType = "file_generated"
	EventRead       EventType = "thread_read" // an addition: how far a thread was read
	EventSessionEnd EventType = "session_end" // closes sockets, never sent
)

// Statuses of a chat_status event.
const (
	StatusTyping    = "agent_typing"
	StatusRouting   = "agent_routing" // an addition: it is being decided who answers
	StatusCompleted = "agent_processing_completed"
	StatusFailed    = "agent_processing_error"
	StatusError     = "agent_error"
	StatusCancelled = "agent_cancelled"
)

// Event is one thing the sockets of a user are told. Exactly the pointer that
// belongs to Type is set.
type Event struct {
	UserID    string
	Type      EventType
	ThreadID  string
	SessionID string // EventSessionEnd: the login that ended; empty means all of the user
	Message   *Message
	Thread    *Thread
	Status    *Status
	Delta     *Delta
	Post      *Post
	File      *File
}

// Status is the body of a chat_status event.
type Status struct {
	Status   string
	TmateKey string
	JobID    string
	Stage    string
	Text     string   // human status_message
	Progress *float64 // 0 to 1
	Attempt  int
	Error    string
	Extra    map[string]any // further keys of the frame, from a worker outside the process
}

// Delta is a piece of a reply that is still being written. Offset counts code
// points from the start of the attempt.
type Delta struct {
	JobID    string
	TmateKey string
	Offset   int
	Text     string
}
