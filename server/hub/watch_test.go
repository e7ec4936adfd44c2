package hub

import (
	"testing"

	"github.com/tmates/tmates/store/tmates"
)

func TestWatch(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		ev    tmates.Event
		fires bool
	}{
		{"message", message("ann", "t1", 1), true},
		{"completed", status("ann", "t1", tmates.StatusCompleted), true},
		{"failed", status("ann", "t1", tmates.StatusFailed), true},
		{"cancelled", status("ann", "t1", tmates.StatusCancelled), true},
		{"typing", status("ann", "t1", tmates.StatusTyping), false},
		{"status without body", tmates.Event{UserID: "ann", Type: tmates.EventStatus, ThreadID: "t1"}, false},
		{"delta", delta("ann", "t1", "x"), false},
		{"other thread", message("ann", "t2", 1), false},
		{"other user", message("bob", "t1", 1), false},
		{"end of the session", sessionEnd("ann", ""), false},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			h := New(Options{Encode: encode})
			w, bystander := h.Watch("ann", "t1"), h.Watch("ann", "t3")
			defer bystander.Close()
			h.Publish([]tmates.Event{tc.ev, tc.ev}) // the second must not block
			want := 0
			if tc.fires {
				want = 1
			}
			if got := len(w.C); got != want {
				t.Errorf("%d signals wait, want %d", got, want)
			}
			for len(w.c) > 0 {
				<-w.C
			}
			w.Close()
			w.Close()
			h.Publish([]tmates.Event{tc.ev})
			if len(w.C) != 0 || len(bystander.C) != 0 {
				t.Errorf("signals after Close: %d, at the bystander: %d, want none", len(w.C), len(bystander.C))
			}
			if len(h.users["ann"].watches) != 1 {
				t.Errorf("watches left: %d, want the bystander", len(h.users["ann"].watches))
			}
		})
	}
}
