// Package answer understands what people type: cities, offsets from UTC and lengths of time, in English, Russian and
// Uzbek of both scripts, with the slips that fingers make.
//
// It is pure: no clock, no store, no words of its own to say. Names and the folding of letters are handed in.
package answer

import "recbot/store"

// City is a place with its time zone and its names.
type City struct {
	ID    string                  // a-z and -, never changes; stands in button data
	Zone  string                  // IANA
	Name  store.Text              // as it is shown
	Other map[store.Lang][]string // other names people type
}

// Place is a time zone as somebody named it.
type Place struct {
	City string     // id of a known city; "" for an offset or an IANA name
	Name store.Text // of the city; empty without one
	Zone string     // what [store.LoadZone] reads
}

// Finding is what a text may mean.
type Finding struct {
	// Places are the candidates, best first; none when the text is not understood. At most three.
	Places []Place
	// Sure tells that the text names the only place; else the person should be asked "did you mean ...".
	Sure bool
}
