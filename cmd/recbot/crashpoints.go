//go:build crashpoints

package main

import (
	"context"
	"fmt"
	"os"
	"path"
	"strings"
	"sync/atomic"
	"time"

	"recbot/store"
)

// This file is in no release: it is compiled with the build tag crashpoints alone, for the tests that kill recbot. Beside it
// stands release.go, which is what every other build has.

// The variables of a test build. Their names do not begin with RECBOT_, so nothing else takes them for settings.
const (
	// crashpointVar names one step of the work on the store, and what happens there, for example
	//
	//	before window 3 of announce:d
	//
	// Before or after the third window of that job is taken the process dies as by kill -9; "note" instead of these says so
	// on stderr, and the work goes on.
	crashpointVar = "CRASHPOINT"
	// crashleaseVar is the length of the leader's lease.
	crashleaseVar = "CRASHLEASE"
)

// testOnlyLease is the length of the leader's lease; 0 = the usual one.
func testOnlyLease() time.Duration {
	length, err := time.ParseDuration(os.Getenv(crashleaseVar))
	if err != nil {
		return 0
	}
	return length
}

// testOnlyBackend makes a store at whose crashpoint the process dies.
func testOnlyBackend(b store.Backend) store.Backend {
	spec := os.Getenv(crashpointVar)
	if spec == "" {
		return b
	}
	words, job, _ := strings.Cut(spec, " of ")
	c := &crashpoint{Backend: b, spec: spec}
	var step string
	if _, err := fmt.Sscanf(words, "%s %s %d", &c.when, &step, &c.n); err != nil {
		panic(fmt.Sprintf("%s=%q: %v", crashpointVar, spec, err))
	}
	if c.step = stages(store.JobID(job))[step]; c.step == nil {
		panic(fmt.Sprintf("%s=%q: there is no such step", crashpointVar, spec))
	}
	return c
}

// crashpoint is a store in front of a step.
type crashpoint struct {
	store.Backend
	spec string
	when string // before, after or note
	step stage
	n    int64
	seen atomic.Int64 // batches of the step so far: begun ones for before, applied ones else
}

// Apply applies a batch, unless the process dies. What other goroutines have under way is cut off wherever it is, as in life.
func (c *crashpoint) Apply(ctx context.Context, shard store.Shard, b store.Batch) (store.Result, error) {
	it := c.step(b)
	if it && c.when == "before" && c.seen.Add(1) == c.n {
		c.die()
	}
	result, err := c.Backend.Apply(ctx, shard, b)
	if it && err == nil && c.when != "before" && c.seen.Add(1) == c.n {
		if c.when != "note" {
			c.die()
		}
		fmt.Fprintln(os.Stderr, "crashpoint: passed "+c.spec)
	}
	return result, err
}

// die ends the process at this very line. No deferred call runs, no buffer is written.
func (c *crashpoint) die() {
	fmt.Fprintln(os.Stderr, "crashpoint: dying "+c.spec)
	if self, err := os.FindProcess(os.Getpid()); err == nil {
		_ = self.Kill()
	}
	select {} // until the signal has come
}

// stage tells whether a batch is one of a kind.
type stage func(store.Batch) bool

// stages are the steps of a job, and of updates, by the batch that makes each. They know how the store keeps things (see the
// top of store/jobs.go); should that change, the tests find a bot that does not die.
func stages(job store.JobID) map[string]stage {
	id, letter := string(job), "*:"+string(job)
	draft := string(store.Job{ID: job}.Draft())
	return map[string]stage{
		"lease":    makes(store.MutAcquire, "leader:*"),
		"tick":     makes(store.MutPut, "tick"),
		"draft":    allOf(makes(store.MutPut, "draft:"+draft), containing(`"state":"sending"`)), // Send is pressed
		"undone":   allOf(makes(store.MutPut, "draft:"+draft), containing(`"ended":`)),          // it was taken back
		"withdraw": allOf(makes(store.MutPut, "job:"+id), containing(`"state":"withdrawn"`)),
		"said":     makes(store.MutPut, "said:*"), // that it was pressed is noted against doing it twice
		"open":     allOf(makes(store.MutPut, "job:"+id), makes(store.MutSchedule, "jobs", id)),
		"window":   allOf(makes(store.MutPut, "walk:"+id), makes(store.MutIncr, "count:"+id+":waiting")), // somebody is taken
		"end":      allOf(makes(store.MutPut, "walk:"+id), containing(`"end":true`)),                     // of a shard
		"claim":    allOf(makes(store.MutSchedule, "letters", letter), unless(makes(store.MutIncr, "count:"+id+":*"))),
		"settle":   makes(store.MutUnschedule, "letters", letter),
		"over":     allOf(makes(store.MutPut, "draft:"+draft), containing(`"state":"done"`)), // of an announcement
		"report":   makes(store.MutPut, "job:letter:an:"+draft+":report:*"),
		"bury":     allOf(makes(store.MutPut, "job:"+id), unless(makes(store.MutSchedule, "jobs", id))),
		"sweep":    makes(store.MutDelete, "walk:"+id), // of a shard
		"unqueue":  makes(store.MutUnschedule, "jobs", id),
		"effect":   makes(store.MutPut, "cause:*"),   // of an update
		"mark":     makes(store.MutPut, "settled:*"), // an update as settled
	}
}

// makes tells that a batch makes a mutation. The names are patterns; without a member any will do.
func makes(kind store.MutationKind, key string, member ...string) stage {
	return func(b store.Batch) bool {
		for _, m := range b.Do {
			if m.Kind == kind && fitsPattern(key, m.Key) && (len(member) == 0 || fitsPattern(member[0], m.Member)) {
				return true
			}
		}
		return false
	}
}

// fitsPattern tells whether a name fits a pattern, in which * stands for anything.
func fitsPattern(pattern, name string) bool {
	ok, err := path.Match(pattern, name)
	if err != nil {
		panic(err)
	}
	return ok
}

// containing tells that a document of the batch holds a text.
func containing(text string) stage {
	return func(b store.Batch) bool {
		for _, m := range b.Do {
			if m.Kind == store.MutPut && strings.Contains(string(m.Value), text) {
				return true
			}
		}
		return false
	}
}

func allOf(of ...stage) stage {
	return func(b store.Batch) bool {
		for _, s := range of {
			if !s(b) {
				return false
			}
		}
		return true
	}
}

func unless(s stage) stage { return func(b store.Batch) bool { return !s(b) } }
