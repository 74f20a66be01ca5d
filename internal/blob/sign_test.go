package blob

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What AWS shows in its own examples, with the signatures that it gives:
// https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
// and https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
var (
	exampleSigner = signer{access: "AKIAIOSFODNN7EXAMPLE", secret: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", region: "us-east-1"}
	exampleTime   = time.Date(2013, 5, 24, 0, 0, 0, 0, time.UTC)
)

const exampleHost = "https://examplebucket.s3.amazonaws.com"

func TestSignaturesAreThoseOfTheExamples(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		method, path, body string
		header             map[string]string
		want               string
	}{
		"a range of an object": {
			method: http.MethodGet, path: "/test.txt", header: map[string]string{"Range": "bytes=0-9"},
			want: "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
		},
		"an object that is stored": {
			method: http.MethodPut, path: "/test%24file.text", body: "Welcome to Amazon S3.",
			header: map[string]string{"Date": "Fri, 24 May 2013 00:00:00 GMT", "X-Amz-Storage-Class": "REDUCED_REDUNDANCY"},
			want:   "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
		},
		"a query without a value": {
			method: http.MethodGet, path: "/?lifecycle",
			want: "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
		},
		"a list": {
			method: http.MethodGet, path: "/?prefix=J&max-keys=2",
			want: "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, err := http.NewRequest(tt.method, exampleHost+tt.path, nil)
			require.NoError(t, err)
			for name, value := range tt.header {
				r.Header.Set(name, value)
			}
			exampleSigner.sign(r, hexSum([]byte(tt.body)), exampleTime)
			_, got, _ := strings.Cut(r.Header.Get("Authorization"), "Signature=")
			assert.Equal(t, tt.want, got)
		})
	}
}

func TestTheLinkIsThatOfTheExample(t *testing.T) {
	t.Parallel()
	u, err := url.Parse(exampleHost + "/test.txt")
	require.NoError(t, err)
	assert.Equal(t, exampleHost+"/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256"+
		"&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"+
		"&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"+
		"&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404",
		exampleSigner.presign(*u, 24*time.Hour, exampleTime))
}

func TestEscape(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "a/b%20c%2B~", escape("a/b c+~", true))
	assert.Equal(t, "a%2Fb%C3%A4%3D", escape("a/bä=", false))
}
