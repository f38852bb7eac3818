/** three.js advises its React renderer, which still starts a clock of the old kind, in every visitor's console; all else it says is passed on. */
import { setConsoleFunction } from 'three';

setConsoleFunction((type, message, ...rest) => {
  if (!message.startsWith('THREE.Clock: This module has been deprecated')) console[type](message, ...rest);
});
