package bench

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// queue measures durable jobs that do nothing: how many a second go through from
// their POST to their end, and how long one waits while nobody else does, by the
// times the jobs carry themselves.
func (r *run) queue(ctx context.Context) error {
	s := series{}
	bare, err := r.bare(ctx)
	if err != nil {
		return err
	}
	server, err := r.serve(ctx, "queue")
	if err != nil {
		return err
	}
	people, err := server.people(ctx, r.o.Sizes.Posters)
	if err != nil {
		return err
	}
	if err := server.hire(ctx); err != nil {
		return err
	}
	for range passes {
		commits, err := bare.single(ctx, r.o.Time/2)
		if err != nil {
			return err
		}
		s.add("bare.commit", milliseconds(percentile(commits, 0.5)))
		if err := lonely(ctx, s, people[0], r.o.Time/2); err != nil {
			return err
		}
		if err := r.flood(ctx, s, people); err != nil {
			return err
		}
	}
	r.figure(s, "queue.start", "one at a time, queued to started, median", "ms", "bare.commit", "one bare commit")
	r.plain(s, "queue.turn", "one at a time, queued to ended, median", "ms")
	r.plain(s, "queue.rate", fmt.Sprintf("%d people at a time, 4 workers, end to end", len(people)), "/s")
	r.plain(s, "queue.posts", "the same, POST", "/s")
	r.plain(s, "queue.cpu", "the same, CPU a job", "us")
	return nil
}

// job is what the API tells of a job.
type job struct {
	ID       string    `json:"id"`
	Status   string    `json:"status"`
	Created  time.Time `json:"created_at"`
	Started  time.Time `json:"started_at"`
	Finished time.Time `json:"finished_at"`
}

func (p *person) post(ctx context.Context) (j job, err error) {
	err = p.do(ctx, http.MethodPost, "/v1/jobs", map[string]string{"agent_key": noop, "task": "nothing"}, &j)
	return j, err
}

// ended asks for a job until it is over, with a pause between two questions.
func (p *person) ended(ctx context.Context, id string, pause time.Duration) (j job, err error) {
	for j.Status != "succeeded" {
		if err := p.do(ctx, http.MethodGet, "/v1/jobs/"+id, nil, &j); err != nil {
			return j, err
		}
		switch j.Status {
		case "succeeded", "queued", "running":
		default:
			return j, fmt.Errorf("job %s is %s", id, j.Status)
		}
		if j.Status != "succeeded" {
			if err := rest(ctx, pause); err != nil {
				return j, err
			}
		}
	}
	return j, nil
}

// lonely posts one job after the other, each when the one before has ended.
func lonely(ctx context.Context, s series, p *person, d time.Duration) error {
	var starts, ends []time.Duration
	for begun := time.Now(); len(starts) == 0 || time.Since(begun) < d; {
		j, err := p.post(ctx)
		if err != nil {
			return err
		}
		if j, err = p.ended(ctx, j.ID, 2*time.Millisecond); err != nil {
			return err
		}
		starts = append(starts, j.Started.Sub(j.Created))
		ends = append(ends, j.Finished.Sub(j.Created))
	}
	s.add("queue.start", milliseconds(percentile(starts, 0.5)))
	s.add("queue.turn", milliseconds(percentile(ends, 0.5)))
	return nil
}

// flood lets everybody post at once and waits until all is done.
func (r *run) flood(ctx context.Context, s series, people []*person) error {
	n := r.o.Sizes.Jobs
	total := float64(n * len(people))
	server, newest := people[0].server, make([]job, len(people))
	before, begun := server.cpu(), time.Now()
	err := parallel(ctx, len(people), func(ctx context.Context, i int) (err error) {
		for range n {
			if newest[i], err = people[i].post(ctx); err != nil {
				return err
			}
		}
		return nil
	})
	posted := time.Since(begun)
	for i := 0; i < len(people) && err == nil; i++ { // one after the other: many who ask would take the CPU from the work
		_, err = people[i].ended(ctx, newest[i].ID, 50*time.Millisecond)
	}
	if err != nil {
		return err
	}
	cpu := server.cpu() - before
	var last time.Time
	for _, p := range people {
		end, err := p.lastEnd(ctx, n)
		if err != nil {
			return err
		}
		last = slices.MaxFunc([]time.Time{last, end}, time.Time.Compare)
	}
	s.add("queue.posts", total/posted.Seconds())
	s.add("queue.rate", total/last.Sub(begun).Seconds())
	if cpu > 0 {
		s.add("queue.cpu", microseconds(cpu)/total)
	}
	return nil
}

// lastEnd waits until the person's newest n jobs have ended and returns when the
// last of them did.
func (p *person) lastEnd(ctx context.Context, n int) (last time.Time, err error) {
	var jobs []job
	if err := p.do(ctx, http.MethodGet, "/v1/jobs?limit="+strconv.Itoa(n), nil, &jobs); err != nil {
		return last, err
	}
	if len(jobs) != n {
		return last, errors.New("an accepted job is missing")
	}
	for _, j := range jobs {
		if j.Status != "succeeded" {
			if j, err = p.ended(ctx, j.ID, 50*time.Millisecond); err != nil {
				return last, err
			}
		}
		last = slices.MaxFunc([]time.Time{last, j.Finished}, time.Time.Compare)
	}
	return last, nil
}
