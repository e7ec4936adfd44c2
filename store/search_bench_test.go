package store

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/tmates/tmates/store/tmates"
)

// BenchmarkSearch measures what a person waits for with 100,000 messages of their
// own, all indexed but the newest thousand.
func BenchmarkSearch(b *testing.B) {
	ctx := b.Context()
	db, err := Open(ctx, Options{Dir: b.TempDir(), Synchronous: "off"})
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	random := rand.New(rand.NewPCG(1, 2))
	text := func() string {
		words := make([]string, 30)
		for i := range words { // few words are common, most are rare
			words[i] = benchWord(int(random.ExpFloat64() * random.ExpFloat64() * 200))
		}
		return strings.Join(words, " ") + " common front" + strings.Repeat(" rest", random.IntN(2)) + " door"
	}
	n := 0
	say := func(count int) {
		err := db.Write(ctx, func(ctx context.Context, tx *Tx) error {
			for range count {
				n++
				m := tmates.Message{ID: fmt.Sprint("m", n), ThreadID: fmt.Sprint("t", n%100), OrganisationID: "o", UserID: "ada", Role: tmates.MessageUser, Content: text()}
				if _, err := tx.AddMessage(ctx, m); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	err = db.Write(ctx, func(ctx context.Context, tx *Tx) error {
		if err := tx.AddOrganisation(ctx, tmates.Organisation{ID: "o", CreatedAt: tx.Now}); err != nil {
			return err
		}
		if _, err := tx.AddUser(ctx, tmates.User{ID: "ada", Email: "ada@example.com"}); err != nil {
			return err
		}
		for i := range 100 {
			if err := tx.AddThread(ctx, tmates.Thread{ID: fmt.Sprint("t", i), OrganisationID: "o", UserID: "ada", Slug: fmt.Sprint(i), LastActivity: tx.Now}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	for n < 99_000 {
		say(1000)
	}
	if err := db.IndexAll(ctx); err != nil {
		b.Fatal(err)
	}
	say(1000)
	for name, query := range map[string]string{
		"common": "common", "two_common": "common door", "never_in_a_row": "door common", "phrase": `"front door"`, "prefix": benchWord(1)[:2], "prefix_of_three": benchWord(1)[:3],
		"rare": benchWord(3000), "absent": "nowhere", "many": benchWord(1) + " " + benchWord(2) + " " + benchWord(3) + " " + benchWord(4)[:2],
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				err := db.Read(ctx, func(ctx context.Context, tx *Tx) error {
					_, err := tx.SearchMessages(ctx, "ada", "", tmates.ParseQuery(query), 50)
					return err
				})
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// benchWord spells a number in syllables, as words of a language begin in many
// ways.
func benchWord(n int) string {
	var b strings.Builder
	for h := uint64(n+1) * 0x9e3779b97f4a7c15; b.Len() < 4 || h&7 > 2 && b.Len() < 10; h >>= 9 {
		b.WriteByte("bcdfghjklmnprstvwz"[(h>>8)%18])
		b.WriteByte("aeiou"[(h>>14)%5])
	}
	return b.String()
}
