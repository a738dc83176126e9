//go:build !crashpoints

package main

import (
	"time"

	"recbot/store"
)

// What differs in a build with the tag crashpoints, by which tests kill recbot at a given step: see crashpoints.go. Here, as
// in every release, nothing does, and no setting could change that.

// testOnlyBackend gives the store as it is.
func testOnlyBackend(b store.Backend) store.Backend { return b }

// testOnlyLease leaves the lease its usual length.
func testOnlyLease() time.Duration { return 0 }
