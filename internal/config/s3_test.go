package config_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/config"
)

// stored are settings of an archive in a bucket.
func stored(more ...string) []string {
	return valid(append([]string{
		"S3_ENDPOINT=https://s3.example.com:9000/", "S3_BUCKET=vin-reports", "S3_ACCESS_KEY=AKIA1", "S3_SECRET_KEY=hush/+=",
	}, more...)...)
}

func TestS3IsSetTogetherOrNotAtAll(t *testing.T) {
	t.Parallel()
	cfg, err := config.Load(valid("S3_REGION=eu-1", "S3_PATH_STYLE=off"), t.TempDir())
	require.NoError(t, err)
	assert.False(t, cfg.S3())

	dir := t.TempDir()
	cfg, err = config.Load(stored(), dir)
	require.NoError(t, err)
	assert.True(t, cfg.S3())
	assert.EqualValues(t, "https://s3.example.com:9000", cfg.S3Endpoint)
	assert.EqualValues(t, "vin-reports", cfg.S3Bucket)
	assert.EqualValues(t, "us-east-1", cfg.S3Region)
	assert.True(t, bool(cfg.S3PathStyle))
	assert.Equal(t, "AKIA1", cfg.S3AccessKey.Reveal())
	assert.Equal(t, "hush/+=", cfg.S3SecretKey.Reveal())

	write(t, dir, "key", "from a file\n")
	write(t, dir, "good", "from-a-file\n")
	cfg, err = config.Load(stored("S3_SECRET_KEY=", "S3_SECRET_KEY_FILE=good"), dir)
	require.NoError(t, err)
	assert.Equal(t, "from-a-file", cfg.S3SecretKey.Reveal())

	_, err = config.Load(valid("S3_BUCKET=Reports", "S3_SECRET_KEY_FILE=key"), dir)
	require.Error(t, err)
	lines := strings.Split(err.Error(), "\n")
	require.Len(t, lines, 4, err.Error())
	for i, want := range []string{
		"S3_ENDPOINT: not set, though S3_BUCKET is; allowed: http://", "S3_BUCKET=Reports: not a bucket's name; allowed: 3 to 63",
		"S3_ACCESS_KEY: not set, though S3_BUCKET is; allowed: what the S3 server's", "S3_SECRET_KEY=***: not an S3 key",
	} {
		assert.True(t, strings.HasPrefix(lines[i], want), lines[i])
	}
}

func TestWrongS3Settings(t *testing.T) {
	t.Parallel()
	for entry, want := range map[string]string{
		"S3_ENDPOINT=s3.example.com":            "neither http:// nor https://",
		"S3_ENDPOINT=https://s3.example.com/v1": "the bucket is named by S3_BUCKET",
		"S3_BUCKET=ab":                          "not a bucket's name",
		"S3_BUCKET=a..b":                        "not a bucket's name",
		"S3_BUCKET=-ab":                         "not a bucket's name",
		"S3_REGION=a/b":                         "S3_REGION=a/b: not a region's name; allowed: a region's name, like us-east-1",
		"S3_PATH_STYLE=yes":                     "allowed: on or off",
		"S3_ACCESS_KEY=a b":                     "S3_ACCESS_KEY=***: not an S3 key",
	} {
		_, err := config.Load(stored(entry), t.TempDir())
		require.ErrorContains(t, err, want, entry)
		assert.NotContains(t, err.Error(), "\n", "one fault, one line")
	}
}
