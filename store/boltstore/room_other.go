//go:build !linux && !darwin

package boltstore

import "errors"

// freeOnDisk is not known on this system.
func freeOnDisk(string) (int64, error) { return 0, errors.ErrUnsupported }
