/** The browser is found by src/node/bootstrap.mjs; puppeteer must not download one of its own. */
module.exports = { skipDownload: true };
