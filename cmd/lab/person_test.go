package lab

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"

	"github.com/gorilla/websocket"

	"github.com/tmates/tmates/cmd/app/apptest"
)

// threads are where people talk: with a tmate that asks a model, with one that
// answers by rules, and with everybody.
var threads = []string{"agent:adam", "agent:rita", "team:all"}

// person remembers what the program promised and showed to somebody.
type person struct {
	apptest.Account
	number int

	mu        sync.Mutex
	accepted  map[string][]string // contents of acknowledged messages, in order, by who said them where
	jobs      []string            // accepted ones, by id
	cancelled []string            // those whose cancellation was acknowledged
	ids       map[string]string   // of the threads
	shown     map[string][]shown  // what sockets were shown, by thread id
	faults    []string            // what was wrong at once
}

// shown is a message in a frame.
type shown struct {
	ID      string
	Seq     int64
	Role    string
	Content string
}

func newPerson(p *apptest.Process, number int) *person {
	return &person{
		Account: p.AddUser(fmt.Sprintf("person%d@example.com", number)), number: number,
		accepted: map[string][]string{}, ids: map[string]string{}, shown: map[string][]shown{},
	}
}

// note changes what is remembered.
func (p *person) note(f func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f()
}

func (p *person) fault(format string, a ...any) {
	p.note(func() { p.faults = append(p.faults, fmt.Sprintf("person %d: ", p.number)+fmt.Sprintf(format, a...)) })
}

// act does everything a person does at a time until the program is gone. acked
// is called after each acknowledgement.
func (p *person) act(v *apptest.Process, round int, random *rand.Rand, acked func()) {
	var all sync.WaitGroup
	tag := fmt.Sprintf("r%d-p%d", round, p.number)
	cancels := rand.New(rand.NewPCG(random.Uint64(), 0))
	all.Go(func() { p.post(v, "agent:adam", tag+"-adam", acked) })
	all.Go(func() { p.say(v, "agent:rita", tag+"-rita", acked) })
	if p.number%2 == 0 {
		all.Go(func() { p.say(v, "team:all", tag+"-team", acked) })
	} else {
		all.Go(func() { p.post(v, "team:all", tag+"-team", acked) })
	}
	all.Go(func() { p.work(v, cancels, tag, acked) })
	all.Go(func() { _ = p.listen(v, false) })
	all.Wait()
}

// burst is after how many messages in a thread everybody is told to stop, which
// bounds what is still to do in the end.
const burst = 12

// words are what is said as the n-th thing.
func words(tag string, n int) string {
	if n%burst == 0 {
		return stopWord
	}
	return fmt.Sprintf("%s-%d", tag, n)
}

// accept remembers an acknowledged message.
func (p *person) accept(tag, text string) {
	if text != stopWord {
		p.note(func() { p.accepted[tag] = append(p.accepted[tag], text) })
	}
}

// post says one thing after the other over HTTP.
func (p *person) post(v *apptest.Process, thread, tag string, acked func()) {
	for n := 1; ; n++ {
		text := words(tag, n)
		status, _, err := v.Do(http.MethodPost, "/v1/chats/"+thread+"/messages", p.Token, map[string]string{"content": text})
		switch {
		case err != nil:
			return // it may be kept or not, but nobody was promised anything
		case status != http.StatusCreated: // too many wait already: look how it goes
			if _, _, err := v.Do(http.MethodGet, "/v1/chats/"+thread, p.Token, nil); err != nil {
				return
			}
			continue
		}
		p.accept(tag, text)
		acked()
	}
}

func (p *person) dial(v *apptest.Process) (*websocket.Conn, error) {
	conn, res, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(v.URL, "http")+"/v1/ws/"+p.ID+"?token="+p.Token, nil)
	if res != nil {
		_ = res.Body.Close()
	}
	return conn, err
}

// say says one thing after the other over a socket. Each has a name of its own
// by which it is acknowledged.
func (p *person) say(v *apptest.Process, thread, tag string, acked func()) {
	conn, err := p.dial(v)
	if err != nil {
		return
	}
	defer func() { _ = conn.Close() }()
	for n := 1; ; n++ {
		text, name := words(tag, n), fmt.Sprintf("%s-%d", tag, n)
		if conn.WriteJSON(map[string]any{"type": "send_message", "thread_id": thread, "content": text, "client_id": name}) != nil {
			return
		}
		var f struct {
			Type     string `json:"type"`
			ClientID string `json:"client_id"`
		}
		for f.ClientID != name {
			if conn.ReadJSON(&f) != nil {
				return
			}
		}
		if f.Type == "message_sent" { // else too many wait already
			p.accept(tag, text)
			acked()
		}
	}
}

// work asks for jobs and cancels some of them.
func (p *person) work(v *apptest.Process, random *rand.Rand, tag string, acked func()) {
	for n := 1; ; n++ {
		in := map[string]any{"agent_key": []string{"adam", "rita"}[n%2], "task": fmt.Sprintf("%s-job-%d", tag, n)}
		if n%3 > 0 {
			in["metadata"] = map[string]any{"thread_id": threads[n%2]}
		}
		status, body, err := v.Do(http.MethodPost, "/v1/jobs", p.Token, in)
		if err != nil {
			return
		}
		if status == http.StatusTooManyRequests { // too many wait already: look how it goes
			if _, _, err := v.Do(http.MethodGet, "/v1/jobs", p.Token, nil); err != nil {
				return
			}
			continue
		}
		var j struct{ ID string }
		if err := json.Unmarshal(body, &j); err != nil || status != http.StatusAccepted {
			p.fault("a job is answered with %d %s", status, body)
			return
		}
		p.note(func() { p.jobs = append(p.jobs, j.ID) })
		acked()
		if random.IntN(3) > 0 {
			continue
		}
		if status, _, err = v.Do(http.MethodPost, "/v1/jobs/"+j.ID+"/cancel", p.Token, nil); err != nil {
			return
		}
		if status == http.StatusAccepted {
			p.note(func() { p.cancelled = append(p.cancelled, j.ID) })
			acked()
		}
	}
}

// frame is what is read of a frame.
type frame struct {
	Type     string `json:"type"`
	ThreadID string `json:"thread_id"`
	Resolved string `json:"resolved_thread_id"`
	Message  shown  `json:"message"`
}

// listen resumes every thread where the last socket left it and remembers what
// is shown until the program is gone, or only what was missed.
func (p *person) listen(v *apptest.Process, missed bool) error {
	conn, err := p.dial(v)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	resumed := map[string]bool{} // by thread id
	for _, thread := range threads {
		if err := p.resume(conn, thread, resumed); err != nil {
			return err
		}
	}
	if missed { // the answer stands behind what is on its way
		if err := conn.WriteJSON(map[string]string{"type": "ping"}); err != nil {
			return err
		}
	}
	for {
		var f frame
		if err := conn.ReadJSON(&f); err != nil || f.Type == "pong" {
			return err
		}
		p.hear(f, resumed)
	}
}

// resume subscribes to a thread and reads on until that is acknowledged.
func (p *person) resume(conn *websocket.Conn, thread string, resumed map[string]bool) error {
	if err := conn.WriteJSON(map[string]any{"type": "subscribe", "thread_id": thread, "after": p.last(p.ids[thread]), "stream": true}); err != nil {
		return err
	}
	for {
		var f frame
		if err := conn.ReadJSON(&f); err != nil {
			return err
		}
		switch f.Type {
		case "error":
			p.fault("subscribing to %s is refused", thread)
			return errors.New("refused")
		case "subscribed":
			resumed[f.Resolved] = true
			p.note(func() { p.ids[thread] = f.Resolved })
			return nil
		}
		p.hear(f, resumed)
	}
}

// last is the newest message a socket was shown of a thread.
func (p *person) last(id string) int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	if all := p.shown[id]; len(all) > 0 {
		return all[len(all)-1].Seq
	}
	return 0
}

// hear remembers a message. What comes before its thread is resumed comes again.
func (p *person) hear(f frame, resumed map[string]bool) {
	switch {
	case f.Type == "resync":
		p.fault("too much was missed to be replayed")
	case f.Type != "new_message" || !resumed[f.ThreadID]:
	case f.Message.Seq <= p.last(f.ThreadID):
		p.fault("message %d of thread %s was shown after %d", f.Message.Seq, f.ThreadID, p.last(f.ThreadID))
	default:
		p.note(func() { p.shown[f.ThreadID] = append(p.shown[f.ThreadID], f.Message) })
	}
}
