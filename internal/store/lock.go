package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

// ErrLocked says that another process holds the database's lock.
var ErrLocked = errors.New("another vinbot runs on this database")

// Lock is the exclusive lock on a database: who holds it may run the bot on
// it and change its schema. Commands that only read or add a row need it not.
// It is a lock on the file <database>.lock and ends with the process.
type Lock struct {
	release func() error
}

// LockDatabase takes a database's lock, or fails with [ErrLocked]. PostgreSQL
// has none: several processes run on it, and one leads.
func LockDatabase(ctx context.Context, d Database) (*Lock, error) { return d.lock(ctx, false) }

// LockFile takes the lock of the SQLite file at path, or fails with [ErrLocked].
func LockFile(path string) (*Lock, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return nil, fmt.Errorf("make the database's folder: %w", err)
	}
	f, err := os.OpenFile(path+".lock", os.O_RDWR|os.O_CREATE, 0o600) //nolint:gosec // the operator names the file
	if err != nil {
		return nil, fmt.Errorf("open the database's lock: %w", err)
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		err = ErrLocked
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("lock the database: %w", err), f.Close())
	}
	return &Lock{release: sync.OnceValue(func() error { return unlock(f) })}, nil
}

// unlock ends the lock, not only this process's hold on it: a child that is
// being started has the file open, too, until its own program runs.
func unlock(f *os.File) error {
	return errors.Join(syscall.Flock(int(f.Fd()), syscall.LOCK_UN), f.Close())
}

// Release ends the lock. It may be called twice. The file stays: removing it
// would let two processes lock two files of one name.
func (l *Lock) Release() error {
	if err := l.release(); err != nil {
		return fmt.Errorf("release the database's lock: %w", err)
	}
	return nil
}

// waitLock takes the lock, waiting a while for another that migrates.
func waitLock(ctx context.Context, path string) (*Lock, error) {
	const pause, patience = 20 * time.Millisecond, 30 * time.Second
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		lock, err := LockFile(path)
		if !errors.Is(err, ErrLocked) {
			return lock, err
		}
		select {
		case <-ctx.Done():
			return nil, err
		case <-time.After(pause):
		}
	}
}
