package boltstore

import (
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"strings"
	"syscall"

	berrors "go.etcd.io/bbolt/errors"

	"recbot/store"
)

// errClosed answers every call after Close.
var errClosed = fmt.Errorf("the store is closed: %w", store.ErrUnavailable)

// guard makes an ErrCorrupt of a panic. That is how bolt tells of a damaged file, and so does the system when a page that
// is mapped into memory has gone from the file. The stack goes to the log of whoever debugs, for callers can do nothing with it.
func guard(log *slog.Logger, do func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%v: %w", r, store.ErrCorrupt)
			log.Debug("the store's file cannot be read", "err", fmt.Errorf("%w\n%s", err, debug.Stack()))
		}
	}()
	return do()
}

// noRoom are the errors that mean that nothing was written for want of room. bolt hides some of them in a text.
var noRoom = []error{berrors.ErrMaxSizeReached, syscall.ENOSPC, syscall.EDQUOT, syscall.EFBIG}

// full tells whether an error is one of noRoom. They all come up before bolt writes the page that makes a transaction count.
func full(err error) bool {
	for _, reason := range noRoom {
		if errors.Is(err, reason) || strings.Contains(err.Error(), reason.Error()) {
			return true
		}
	}
	return false
}

// boltError turns what bolt says of a transaction into the store's errors.
func boltError(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, berrors.ErrDatabaseNotOpen):
		return errClosed
	case full(err):
		return fmt.Errorf("%w: %w", err, store.ErrFull)
	}
	return fmt.Errorf("%w: %w", err, store.ErrUnknown)
}
