package s3test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Objects lists what is kept.
func (s *Server) Objects() []string {
	return s.list(func(name string) bool { return !strings.HasPrefix(name, begun) })
}

// Unfinished lists uploads in parts that were begun and neither ended nor taken
// back.
func (s *Server) Unfinished() []string {
	return s.list(func(name string) bool { return strings.HasPrefix(name, begun+"multipart/") })
}

// begun is where the server keeps what is not whole.
const begun = ".sgwtmp/"

func (s *Server) list(wanted func(name string) bool) []string {
	s.tb.Helper()
	root := filepath.Join(s.files(), Bucket)
	names := []string{}
	err := filepath.WalkDir(root, func(p string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // deleted meanwhile
		}
		if err != nil || entry.IsDir() {
			return err
		}
		if name := strings.TrimPrefix(p, root+"/"); wanted(name) {
			names = append(names, name)
		}
		return nil
	})
	if err != nil {
		s.tb.Fatalf("list the server's files: %s", err)
	}
	slices.Sort(names)
	return names
}

// Spoil overwrites the content of what is kept, behind the server's back.
func (s *Server) Spoil(key, content string) {
	s.tb.Helper()
	file, err := os.OpenFile(filepath.Join(s.files(), Bucket, key), os.O_WRONLY, 0) //nolint:gosec // a path of our own
	if err == nil {
		_, err = file.WriteString(content)
		err = errors.Join(err, file.Close())
	}
	if err != nil {
		s.tb.Fatalf("spoil %s: %s", key, err)
	}
}

// Fill puts so many files into the bucket, behind the server's back, under keys
// that the format makes of numbers.
func (s *Server) Fill(format string, files int) {
	s.tb.Helper()
	for i := range files {
		name := filepath.Join(s.files(), Bucket, fmt.Sprintf(format, i))
		if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o700), os.WriteFile(name, []byte("filled"), 0o600)); err != nil {
			s.tb.Fatal(err)
		}
	}
}

// RemoveBucket removes the bucket, which must be empty.
func (s *Server) RemoveBucket() {
	s.tb.Helper()
	if err := os.RemoveAll(filepath.Join(s.files(), Bucket)); err != nil {
		s.tb.Fatal(err)
	}
}

// Age makes the uploads that were begun, and not ended, older than they are.
func (s *Server) Age(by time.Duration) {
	s.tb.Helper()
	begun, err := filepath.Glob(filepath.Join(s.files(), Bucket, begun, "multipart", "*", "*"))
	for _, folder := range begun {
		then := time.Now().Add(-by) //nolint:forbidigo // by the machine's clock, as the server's
		err = errors.Join(err, os.Chtimes(folder, then, then))
	}
	if err != nil {
		s.tb.Fatalf("make uploads older: %s", err)
	}
}
