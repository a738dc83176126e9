package store

import (
	"fmt"
	"sync"
	"time"
)

// zones keeps the zones that were loaded, by name. There are some six hundred, and reading one takes longer than all that
// is then done with it.
var zones sync.Map

// LoadZone gives the zone of a name that a person or a meeting has: an IANA name, or a fixed offset such as +05:00.
// The empty name is an error: whoever has no zone of their own uses the council's.
func LoadZone(name string) (*time.Location, error) {
	if loc, ok := zones.Load(name); ok {
		return loc.(*time.Location), nil
	}
	if t, err := time.Parse("-07:00", name); err == nil {
		_, offset := t.Zone()
		return time.FixedZone(name, offset), nil
	}
	if name == "" || name == "Local" {
		return nil, fmt.Errorf("time zone %q: no such zone", name)
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return nil, fmt.Errorf("time zone %q: %w", name, err)
	}
	zones.Store(name, loc)
	return loc, nil
}
