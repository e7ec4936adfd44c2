package agents

import (
	"fmt"
	"time"
)

// ProviderError is a failure of the service behind a brain. Nobody parses its
// text: what happens next follows from Status and Fatal.
type ProviderError struct {
	Status     int           // HTTP status; 0 when no answer arrived or the stream broke
	Code       string        // the provider's own code, if any
	RetryAfter time.Duration // the provider's wish; 0 when it has none
	Fatal      bool          // a retry cannot help, whatever Status says
	Msg        string        // a sentence for the owner; holds no key and no prompt
	Err        error
}

// Error returns the sentence for the owner and, for the log, the cause.
func (e *ProviderError) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("%s: %v", e.Msg, e.Err)
	}
	return e.Msg
}

// Unwrap returns the cause.
func (e *ProviderError) Unwrap() error { return e.Err }

// Temporary reports whether another attempt may succeed: no answer at all, a
// broken stream, 408, 409, 425, 429 and every 5xx.
func (e *ProviderError) Temporary() bool {
	if e.Fatal {
		return false
	}
	switch e.Status {
	case 0, 408, 409, 425, 429:
		return true
	}
	return e.Status >= 500
}
