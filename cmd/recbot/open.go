package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"recbot/bot/council"
	"recbot/store"
	"recbot/store/boltstore"
	"recbot/store/redisstore"
)

// storeFile is the embedded store's file in RECBOT_DATA.
const storeFile = "recbot.db"

// openBackend opens the store that the configuration names. Redis need not be up for that.
func openBackend(c Config, log *slog.Logger) (store.Backend, error) {
	if c.Redis != "" {
		db, err := redisstore.Open(c.Redis, redisstore.Options{Mode: c.Mode, Replicas: c.RedisWait, Log: log})
		if err != nil {
			return nil, usagef("REDIS_URL: %v", err)
		}
		return db, nil
	}
	db, err := boltstore.Open(filepath.Join(c.Data, storeFile), boltstore.Options{Log: log})
	if err != nil {
		return nil, explainOpen(c.Data, err)
	}
	return db, nil
}

// noStoreYet tells that the embedded store is to be used and there is none so far.
func (c Config) noStoreYet() bool {
	_, err := os.Stat(filepath.Join(c.Data, storeFile))
	return c.Redis == "" && errors.Is(err, os.ErrNotExist)
}

// rescue says what can take the place of a damaged file.
func rescue(data string) string {
	folder := filepath.Join(data, backupFolder)
	if copies, err := os.ReadDir(folder); err != nil || len(copies) == 0 {
		return "There is no nightly copy yet: move the file away to begin anew"
	}
	return "Put the newest copy from " + folder + " in its place"
}

// explainOpen says what to do about a file that cannot be opened.
func explainOpen(data string, err error) error {
	switch {
	case errors.Is(err, store.ErrLocked):
		return fmt.Errorf("%w; stop the other recbot, or give this one its own RECBOT_DATA", err)
	case errors.Is(err, store.ErrCorrupt):
		return fmt.Errorf("%w; it was left as it is. %s", err, rescue(data))
	case errors.Is(err, store.ErrSchema):
		return fmt.Errorf("%w; it was left as it is. Use the recbot that wrote it, or another RECBOT_DATA", err)
	case errors.Is(err, os.ErrPermission):
		return fmt.Errorf("%w; RECBOT_DATA must be a folder that recbot may write to", err)
	}
	return err
}

// loadCatalogue reads the catalogue that the configuration names.
func loadCatalogue(c Config) (*council.Catalogue, error) {
	if c.Council == "" {
		return council.Embedded(), nil
	}
	catalogue, err := council.LoadFile(c.Council)
	if err != nil {
		var mistakes []string
		for line := range strings.Lines(err.Error()) {
			mistakes = append(mistakes, "RECBOT_COUNCIL: "+strings.TrimSpace(line))
		}
		return nil, &usageError{mistakes}
	}
	return catalogue, nil
}

// describeStore is what the first line of the log says of the store.
func describeStore(ctx context.Context, c Config, b store.Backend) string {
	if c.Redis == "" {
		return "embedded file " + filepath.Join(c.Data, storeFile)
	}
	if info, err := b.Info(ctx); err == nil {
		return info.Kind + " " + info.Version + " at " + info.Place
	}
	return "redis, not reachable yet"
}
