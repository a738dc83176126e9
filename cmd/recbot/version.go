package main

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
)

// version is set when a release is built; see the Makefile.
var version string

var versionCommand = subcommand{
	name:  "version",
	line:  "print the version",
	needs: needs{quiet: true},
	run: func(_ context.Context, c *invocation) error {
		_, err := fmt.Fprintf(c.out, "recbot %s %s %s/%s\n", versionOf(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
		return err
	},
}

// versionOf is the version of the build, or the commit it was built from.
func versionOf() string {
	if version != "" {
		return version
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 12 {
			return s.Value[:12]
		}
	}
	return "unknown"
}
