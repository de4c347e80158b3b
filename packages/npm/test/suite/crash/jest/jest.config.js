module.exports = { testEnvironment: 'tiledesk-mock/jest/environment' };
