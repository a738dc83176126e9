package main

import (
	"math/rand/v2"
	"time"

	"recbot/bot/sim"
	"recbot/store"
)

// mishap is one way in which Telegram, or the way there, goes wrong.
type mishap struct {
	name  string
	fault func(a attempt) *sim.Fault // nil = none
	dead  int                        // of a hundred persons, so many cannot be reached
	says  *sim.Fault                 // what Telegram answers about them; nil = that their accounts are deleted
	// unsure tells that the faults leave open whether the letter arrived.
	unsure bool
	halts  bool          // nothing can leave for a while
	outage bool          // and how long it takes is not bounded
	own    time.Duration // that whoever is hit has to wait
}

// attempt is a letter on its way to somebody.
type attempt struct {
	who   store.PersonID
	try   int           // from 1
	since time.Duration // since the first letter of the job
	first bool          // it goes to who was written to first of all
}

// hits is a lot that depends on the recipient and the try alone, so that it falls alike in every run.
func (a attempt) hits(percent float64) bool {
	return rand.New(rand.NewPCG(uint64(a.who), uint64(a.try))).Float64() < percent/100
}

// some lets a share of the letters meet a fault.
func some(percent float64, f *sim.Fault) func(attempt) *sim.Fault {
	return func(a attempt) *sim.Fault {
		if a.hits(percent) {
			return f
		}
		return nil
	}
}

// between lets all letters of some seconds meet a fault.
func between(from, to time.Duration, f func(left time.Duration) *sim.Fault) func(attempt) *sim.Fault {
	return func(a attempt) *sim.Fault {
		if a.since < from || a.since >= to {
			return nil
		}
		return f(to - a.since)
	}
}

func flooded(left time.Duration) *sim.Fault {
	return sim.Flood(int((left + time.Second - 1) / time.Second))
}
func refusing(time.Duration) *sim.Fault { return &sim.Fault{Refuse: true} }

var mishaps = []mishap{
	{name: "Telegram fails at one of a hundred letters", fault: some(1, sim.Internal())},
	{name: "A front answers for Telegram with a page", fault: some(2, sim.BadGateway()), unsure: true},
	{name: "Connections break before the letter is taken", fault: some(2, &sim.Fault{Lose: true}), unsure: true},
	{name: "Connections break after the letter was taken", fault: some(2, &sim.Fault{Swallow: true}), unsure: true},
	{name: "Many answers are lost, twice in a row too", fault: some(15, &sim.Fault{Swallow: true}), unsure: true},
	{name: "Two of a hundred accounts are deleted", dead: 2},
	{name: "Two of a hundred have blocked the bot", dead: 2, says: sim.Deny(403, "Forbidden: bot was blocked by the user")},
	{name: "One chat has to wait for a minute", own: time.Minute, fault: func(a attempt) *sim.Fault {
		if !a.first || a.since >= time.Minute {
			return nil
		}
		return flooded(time.Minute - a.since)
	}},
	{name: "Everybody has to wait for some seconds", fault: between(4*time.Second, 6*time.Second, flooded), halts: true},
	{name: "Telegram is away for 3 s", fault: between(4*time.Second, 7*time.Second, refusing), halts: true, outage: true},
	{name: "Telegram is away for 30 s", fault: between(4*time.Second, 34*time.Second, refusing), halts: true, outage: true},
	{name: "Some answers take 15 s", own: slow, fault: some(3, &sim.Fault{Delay: slow})},
}
