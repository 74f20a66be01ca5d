package main

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"vinbot/internal/app"
	"vinbot/internal/config"
)

const (
	megabyte = 1 << 20
	// cloudDownload is the largest file that api.telegram.org lets a bot read.
	cloudDownload = 20 * megabyte
	// Below tooLittle free bytes nothing can be promised; below little, for long.
	tooLittle = 100 * megabyte
	little    = 1024 * megabyte
)

// settings names every wrong setting, and right ones that surprise later.
func (d *patient) settings(context.Context) []finding {
	var found []finding
	var faults config.Errors
	if errors.As(d.faults, &faults) {
		for _, f := range faults {
			found = append(found, fail("correct it in the environment or in .env; .env.example explains it", "%s", f))
		}
	} else if d.faults != nil {
		found = append(found, fail("correct the settings", "%s", d.faults))
	}
	if len(found) > 0 {
		return found
	}
	if !bool(d.cfg.TelegramRateLimits) {
		found = append(found, warn("set it to on, unless this is a load test", "TELEGRAM_RATE_LIMITS is off"))
	}
	if int64(d.cfg.MaxPDFSize) > cloudDownload && strings.Contains(string(d.cfg.TelegramAPIURL), "api.telegram.org") {
		found = append(found, warn("use a local Bot API server with --local, or set it to 20",
			"MAX_PDF_SIZE_MB is over 20, but api.telegram.org lets a bot read no larger file: managers will be asked to confirm such reports unchecked"))
	}
	return append(found, fine("all can be read"))
}

// dataDir writes a file into the folder of everything that is kept.
func (d *patient) dataDir(context.Context) []finding {
	dir := string(d.cfg.DataDir)
	if bad := unwritable(dir, "DATA_DIR"); bad != nil {
		return []finding{*bad}
	}
	return []finding{fine("%s is writable", dir)}
}

// fileStore writes where the reports are kept: while they are checked, and for
// good.
func (d *patient) fileStore(context.Context) []finding {
	for _, name := range []string{"spool", "reports"} {
		if bad := unwritable(filepath.Join(string(d.cfg.DataDir), name), "DATA_DIR"); bad != nil {
			return []finding{*bad}
		}
	}
	return []finding{fine("reports can be written below %s", d.cfg.DataDir)}
}

// unwritable writes a file into a folder and says what keeps it from that; nil
// if nothing does. A folder that is still missing is made by the bot, so the
// one above must take it.
func unwritable(dir, setting string) *finding {
	found := func(f finding) *finding { return &f }
	dir, err := existing(dir)
	if err != nil {
		return found(fail("name another folder in "+setting, "%s", err))
	}
	probe, err := os.CreateTemp(dir, ".doctor-*")
	if err != nil {
		return found(fail("let the bot's user write there, or name another folder in "+setting, "%s is not writable: %s", dir, err))
	}
	name := probe.Name()
	_, err = probe.WriteString("x")
	if err = errors.Join(err, probe.Sync(), probe.Close(), os.Remove(name)); err != nil {
		return found(fail("look at the disk", "%s cannot be written to: %s", dir, err))
	}
	return nil
}

// existing is the folder itself, or the nearest one above that exists.
func existing(dir string) (string, error) {
	dir = filepath.Clean(dir)
	for {
		info, err := os.Stat(dir)
		switch {
		case err == nil && !info.IsDir():
			return "", errors.New(dir + " is not a folder")
		case err == nil:
			return dir, nil
		case !errors.Is(err, fs.ErrNotExist) || dir == filepath.Dir(dir):
			return "", err //nolint:wrapcheck // it names the folder
		}
		dir = filepath.Dir(dir)
	}
}

// diskSpace looks at the disks of the archive and of the database.
func (d *patient) diskSpace(context.Context) []finding {
	var found []finding
	dirs := []string{string(d.cfg.DataDir)}
	path := d.cfg.Database.Path() // none where a server keeps the data
	if other := filepath.Dir(path); path != "" && filepath.Clean(other) != filepath.Clean(dirs[0]) {
		dirs = append(dirs, other)
	}
	for _, dir := range dirs {
		var free uint64
		there, err := existing(dir)
		if err == nil {
			free, _, err = app.Disk(there)
		}
		if err != nil {
			found = append(found, fail("look at the disk", "%s: the free space is not known: %s", dir, err))
			continue
		}
		found = append(found, roomOn(dir, free))
	}
	return found
}

// roomOn says whether so many free bytes are enough.
func roomOn(dir string, free uint64) finding {
	switch {
	case free < tooLittle:
		return fail("make room: a full disk stops the bot", "%s: %d MB free", dir, free/megabyte)
	case free < little:
		return warn("make room soon", "%s: %d MB free", dir, free/megabyte)
	default:
		return fine("%s: %d MB free", dir, free/megabyte)
	}
}

// ports tells whether the ports are free, or held by a running bot: that is
// whoever answers on the operations port.
func (d *patient) ports(ctx context.Context) []finding {
	ops := string(d.cfg.OpsAddr)
	running := func() bool { return lives(ctx, ops) == nil }
	return []finding{port(ctx, "OPS_ADDR", ops, running), port(ctx, "HTTP_ADDR", string(d.cfg.HTTPAddr), running)}
}

// port tells whether one port can be listened on.
func port(ctx context.Context, setting, addr string, running func() bool) finding {
	var lc net.ListenConfig
	listener, err := lc.Listen(ctx, "tcp", addr)
	if err == nil {
		_ = listener.Close()
		return fine("%s is free", addr)
	}
	if running() {
		return fine("%s is served by a running bot", addr)
	}
	if errors.Is(err, syscall.EADDRINUSE) {
		return fail("end the program that holds it, or set "+setting+" to another port", "%s is taken", addr)
	}
	return fail("set "+setting+" to an address of this machine", "%s cannot be listened on: %s", addr, err)
}
