package limit_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tmates/tmates/server/limit"
)

// One person cannot take every turn, and who waited and left holds none.
func TestTurns(t *testing.T) {
	t.Parallel()
	const (
		all, each, waiting = 8, 3, 6
		wait               = 30 * time.Second
	)
	synctest.Test(t, func(t *testing.T) {
		turns := limit.NewTurns(all, each, waiting)
		var leaves []func()
		enter := func(user string) error {
			leave, err := turns.Enter(t.Context(), user, wait)
			if err == nil {
				leaves = append(leaves, leave)
			}
			return err
		}
		for range each {
			if err := enter("ann"); err != nil {
				t.Fatal(err)
			}
		}
		began := time.Now()
		if err := enter("ann"); !errors.Is(err, limit.ErrBusy) || time.Since(began) != wait {
			t.Errorf("one turn too many: %v after %s", err, time.Since(began))
		}
		queued := make(chan error, waiting)
		for range waiting - each {
			go func() {
				_, err := turns.Enter(t.Context(), "ann", wait)
				queued <- err
			}()
		}
		synctest.Wait()
		if began = time.Now(); !errors.Is(enter("ann"), limit.ErrBusy) || time.Since(began) != 0 {
			t.Error("one waits too many")
		}
		for range waiting - each {
			if err := <-queued; !errors.Is(err, limit.ErrBusy) {
				t.Errorf("who waited for nothing: %v", err)
			}
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := turns.Enter(ctx, "ann", wait); err == nil {
			t.Error("somebody who left got a turn")
		}
		for i := each; i < all; i++ {
			if err := enter(fmt.Sprint("user ", i)); err != nil {
				t.Fatal(err)
			}
		}
		if err := enter("bob"); err == nil {
			t.Error("more than all turns are taken")
		}
		if _, err := turns.Enter(t.Context(), "bob", 0); !errors.Is(err, limit.ErrBusy) {
			t.Errorf("who does not wait: %v", err)
		}
		late := make(chan error)
		go func() { late <- enter("bob") }()
		synctest.Wait()
		leaves[0]()
		if err := <-late; err != nil {
			t.Errorf("after somebody left: %v", err)
		}
		for _, leave := range leaves[1:] {
			leave()
		}
		if n := turns.Clients(); n != 0 {
			t.Errorf("%d clients are left behind", n)
		}
	})
}
