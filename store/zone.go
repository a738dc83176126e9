package store

import (
	"fmt"
	"time"
)

// LoadZone gives the zone of a name that a person or a meeting has: an IANA name, or a fixed offset such as +05:00.
// The empty name is an error: whoever has no zone of their own uses the council's.
func LoadZone(name string) (*time.Location, error) {
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
	return loc, nil
}
