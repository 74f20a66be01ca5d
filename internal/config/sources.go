package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/joho/godotenv"
)

const (
	// dotEnv is the file that is read first, and the name of its own faults.
	dotEnv = ".env"
	// fileSuffix behind a secret's name makes the name of the setting that
	// says which file holds the secret.
	fileSuffix = "_FILE"
	// maxFile bounds what is read from a .env file or a secret's file.
	maxFile = 1 << 20
)

// gather merges the .env file and the environment, which wins.
func gather(environ []string, dir string) (map[string]string, Errors) {
	var faults Errors
	raw, err := readDotEnv(filepath.Join(dir, dotEnv))
	if err != nil {
		faults = append(faults, Fault{Name: dotEnv, Wrong: err.Error(), Allowed: "lines of the form NAME=value"})
		raw = map[string]string{}
	}
	for _, entry := range environ {
		if name, value, ok := strings.Cut(entry, "="); ok {
			raw[name] = value
		}
	}
	return raw, faults
}

// readDotEnv reads a .env file; one that is missing is an empty one. The
// parser's own errors quote the rest of the file, secrets included, so they
// are replaced.
func readDotEnv(path string) (map[string]string, error) {
	text, err := readFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return map[string]string{}, nil
	}
	if err != nil {
		return nil, err
	}
	raw, err := parseDotEnv(text)
	if err != nil {
		return nil, fmt.Errorf("line %d cannot be read", faultyLine(text))
	}
	return raw, nil
}

func parseDotEnv(text []byte) (map[string]string, error) {
	raw, err := godotenv.UnmarshalBytes(bytes.TrimPrefix(text, []byte("\ufeff")))
	if err != nil {
		return nil, errors.New("not of the form NAME=value")
	}
	return raw, nil
}

// faultyLine finds the line that the reading of a faulty .env file stops at:
// the first one from which on no longer beginning of the file can be read.
func faultyLine(text []byte) int {
	lines := bytes.SplitAfter(text, []byte("\n"))
	readable, end := 0, 0
	for i, line := range lines {
		end += len(line)
		if _, err := parseDotEnv(text[:end]); err == nil {
			readable = i + 1
		}
	}
	return readable + 1
}

// pick keeps the known settings that hold something, and reads the secrets
// that are kept in files.
func pick(raw map[string]string, settings []setting, dir string) (map[string]string, Errors) {
	var faults Errors
	// The one odd entry keeps the map from being empty, which the parser would
	// take as a request to read the process's own environment.
	picked := map[string]string{"": ""}
	for _, s := range settings {
		if raw[s.name] != "" {
			picked[s.name] = raw[s.name]
		}
		path := raw[s.name+fileSuffix]
		if !s.secret || path == "" {
			continue
		}
		value, err := readSecret(path, dir)
		if picked[s.name] != "" {
			err = fmt.Errorf("%s is set as well", s.name)
		}
		if err == nil {
			picked[s.name] = value
			continue
		}
		faults = append(faults, Fault{
			Name: s.name + fileSuffix, Value: path, Wrong: err.Error(), setting: s.name,
			Allowed: fmt.Sprintf("a file that holds the value, while %s itself is not set", s.name),
		})
	}
	return picked, faults
}

// readSecret reads a secret's file, without the line break at its end. A
// relative path starts at dir.
func readSecret(path, dir string) (string, error) {
	if !filepath.IsAbs(path) {
		path = filepath.Join(dir, path)
	}
	text, err := readFile(path)
	if err != nil {
		return "", err
	}
	value := strings.TrimSuffix(strings.TrimSuffix(string(text), "\n"), "\r")
	if value == "" {
		return "", errors.New("the file is empty")
	}
	return value, nil
}

// readFile reads a small file. Its errors say what is wrong without the path,
// which the fault names anyway.
func readFile(path string) ([]byte, error) {
	f, err := os.Open(path) //nolint:gosec // G304: the operator names the file
	if err != nil {
		return nil, withoutPath(err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, withoutPath(err)
	}
	if len(text) > maxFile {
		return nil, errors.New("the file is larger than 1 MB")
	}
	return text, nil
}

func withoutPath(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}
